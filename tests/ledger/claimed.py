"""Levels tables as small as a claim's test needs them."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from lth.collect import Shelf

Shelved = Callable[..., Shelf]


def run(name: str, seed: int, statuses: list[str], **columns: list[Any] | Any) -> pd.DataFrame:
    """One finished run: a row per status; a list is a column over levels, anything else the same at every level."""
    separated, degraded = "separated" in statuses, statuses[-1] == "degraded"
    outcome = ("separated" + "-degraded" * degraded) if separated else "degraded" if degraded else "interconnected"
    front = {"run": name, "seed": seed, "state": "finished", "outcome": outcome}
    table = pd.DataFrame({"level": range(len(statuses)), "status": statuses}).assign(**front)
    return table.assign(**columns)


def ladder(separated: Callable[[int, int], bool], seeds: int = 8) -> pd.DataFrame:
    """Runs of the rungs 0 to 25: `separated(rung, seed)` tells whether the last level is."""
    parts = []
    for rung in range(26):
        for seed in range(seeds):
            end = "separated" if separated(rung, seed) else "interconnected"
            parts.append(run(str(rung), seed, ["interconnected"] * rung + [end]))
    return pd.concat(parts, ignore_index=True)
