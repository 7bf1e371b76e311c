"""null: one row per run, seed and level, with what random masks like the ticket's would be, by two null models."""

from __future__ import annotations

from functools import partial
from typing import Any, get_args

import numpy as np
import pandas as pd

from lth.collect.seeds import Seed, each_seed
from lth.collect.sweep import Sweep
from lth.ticket import Ticket
from lth.ticket.draws import read
from lth.ticket.null import Model, generator, random_masks, rewired_masks
from lth.ticket.status import Status

LIMIT = 300  # unpruned weights of a ticket that gets draws, whatever it is
LIMIT_SEPARATED = 20_000  # … of a seed's first separated ticket
STATUSES = get_args(Status)


def build(sweep: Sweep, draws: int, workers: int) -> pd.DataFrame:
    """The table; every level has a row, those above the limits hold nulls."""
    return each_seed(sweep, partial(_of_seed, draws=draws), workers)


def _of_seed(seed: Seed, draws: int) -> pd.DataFrame:
    rows, separated = [], False
    for ticket in seed.tickets():
        weights = sum(int(np.count_nonzero(mask)) for mask in ticket.masks)
        first = ticket.row.get("status") == "separated" and not separated
        separated |= first
        drawn = weights <= (LIMIT_SEPARATED if first else LIMIT)
        rows.append({"level": ticket.level, **_shares(ticket, draws if drawn else 0, seed.degrade_on)})
    return pd.DataFrame(rows).astype({"draws": "Int64"}) if rows else pd.DataFrame()


def _shares(ticket: Ticket, draws: int, degrade_on: Any) -> dict[str, float | int | None]:
    """Share of each status among the draws of each model."""
    row: dict[str, float | int | None] = {"draws": draws or None}
    models: dict[Model, Any] = {"random": random_masks, "rewired": rewired_masks}
    for model, draw in models.items():
        status = np.empty(0, dtype=str)
        if draws:
            made = draw(ticket.masks, draws, generator(ticket.seed, ticket.level, model))
            status = read(made, ticket.tasks, degrade_on).status
        row |= {f"{model}_{one}": float((status == one).mean()) if draws else np.nan for one in STATUSES}
    return row
