"""weights: where the weights that a run keeps to its end went, level by level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lth.collect.seeds import Seed, each_seed
from lth.collect.sweep import Sweep


def build(sweep: Sweep, *, workers: int, **_: object) -> pd.DataFrame:
    """The table: anchor and trained value of every weight unpruned at its seed's last level, at each level."""
    return each_seed(sweep, _of_seed, workers)


def _of_seed(seed: Seed) -> pd.DataFrame:
    parts = []
    last = next(iter(seed.tickets(seed.levels[-1:])), None)
    kept = [] if last is None else [np.nonzero(mask) for mask in last.masks]
    for ticket in seed.tickets() if kept else ():
        for layer, (ends, starts) in enumerate(kept):
            columns = {"layer": layer, "start": starts, "end": ends, "level": ticket.level}
            columns |= {"anchor": ticket.anchors[layer][ends, starts], "trained": ticket.weights[layer][ends, starts]}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
