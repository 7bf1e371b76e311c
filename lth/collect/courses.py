"""courses: how soon every level got where the dense one did, by three measures, and whether it won by each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lth.collect.seeds import Seed, each_seed
from lth.collect.sweep import Sweep
from lth.ticket.course import COURSE, WINS, course, wins


def build(sweep: Sweep, *, workers: int, **_: object) -> pd.DataFrame:
    """The table; the dense level itself wins over nothing, and is null there."""
    return each_seed(sweep, _of_seed, workers)


def _of_seed(seed: Seed) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    dense: dict[str, Any] = {}
    for ticket in seed.tickets():
        accuracy = dense.get("val_accuracy", ticket.row.get("val_accuracy"))
        row = {**ticket.row, **course(ticket.epochs, accuracy)}
        won: dict[str, Any] = dict(wins(row, dense)) if dense else dict.fromkeys(WINS)
        dense = dense or row
        told = {name: row[name] for name in ("epochs", *COURSE)}
        rows.append({"level": ticket.level} | told | won)
    types = dict.fromkeys(("epochs", *COURSE), "Int64") | dict.fromkeys(WINS, "boolean")
    return pd.DataFrame(rows).astype(types) if rows else pd.DataFrame()
