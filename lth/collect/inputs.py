"""inputs: one row per run, seed, level and input: how many of its weights are left, and how many chance would leave."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from lth.collect.seeds import Seed, each_seed
from lth.collect.sweep import Sweep
from lth.collect.variance import variance
from lth.ticket import State, Ticket
from lth.ticket.draws import read
from lth.ticket.null import generator, random_masks
from lth.ticket.states import reach, weight_states

BUDGET = 300_000  # unpruned weights of all draws of a ticket: the more a draw has, the fewer draws its mean needs


def build(sweep: Sweep, draws: int, workers: int) -> pd.DataFrame:
    """The table; `task` is the name of the input's task, or "noise".

    `variance` is that of a pixel in the training part, where the files of the images are at hand.
    """
    table = each_seed(sweep, partial(_of_seed, draws=draws), workers)
    known = {folder.name: variance(folder.configuration) for folder in sweep.folders}
    if len(table) and any(one is not None for one in known.values()):
        parts = [_looked_up(known[str(run)], part["input"]) for run, part in table.groupby("run", sort=False)]
        table["variance"] = pd.concat(parts)
    return table


def _looked_up(values: np.ndarray | None, places: pd.Series) -> pd.Series:
    """The value at each place; null where there is none."""
    known = pd.Series(dtype="float64") if values is None else pd.Series(values)
    return pd.Series(known.reindex(places).to_numpy(float), index=places.index)


def _of_seed(seed: Seed, draws: int) -> pd.DataFrame:
    parts = [_of_ticket(ticket, draws) for ticket in seed.tickets()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _of_ticket(ticket: Ticket, draws: int) -> pd.DataFrame:
    states = weight_states(ticket.masks, reach(ticket.masks, ticket.tasks))[0]
    names = np.full(ticket.shape[0], "noise", dtype=object)
    for task in ticket.tasks:
        names[list(task.inputs)] = task.name
    return pd.DataFrame(
        {
            "level": ticket.level,
            "input": np.arange(len(names)),
            "task": names,
            "edges": np.count_nonzero(states, axis=0),
            "active_edges": np.count_nonzero(states == State.ACTIVE, axis=0),
            "null_active_edges": _by_chance(ticket, draws),
        }
    )


def _by_chance(ticket: Ticket, draws: int) -> float:
    """Mean number of active edges of an input under random masks: over the inputs, too, as they are all alike there."""
    weights = sum(int(np.count_nonzero(mask)) for mask in ticket.masks)
    enough = int(np.clip(BUDGET // max(weights, 1), 1, draws))
    made = random_masks(ticket.masks, enough, generator(ticket.seed, ticket.level, "random"))
    return float(read(made, ticket.tasks).active_edges.mean())
