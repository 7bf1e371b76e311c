"""neurons: one row per spell that a hidden neuron spends as a zombie or inactive, with its bias at birth."""

from __future__ import annotations

import pandas as pd

from lth.collect.seeds import Seed, each_seed
from lth.collect.sweep import Sweep
from lth.ticket.lifetimes import spells
from lth.ticket.states import neuron_states, reach


def build(sweep: Sweep, *, workers: int, **_: object) -> pd.DataFrame:
    """The table; lives that outlast a seed's last level, finished or not, are censored there."""
    return each_seed(sweep, _of_seed, workers)


def _of_seed(seed: Seed) -> pd.DataFrame:
    states, biases = [], []
    for ticket in seed.tickets():
        states.append(neuron_states(reach(ticket.masks, ticket.tasks)))
        biases.append(ticket.biases)
    return spells(states, biases)
