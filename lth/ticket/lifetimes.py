"""How long hidden neurons stay zombies or inactive: their spells over the levels of one run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lth.ticket.states import State

_WORDS = {State.INACTIVE: "inactive", State.ZOMBIE: "zombie", State.ACTIVE: "active"}
_COLUMNS = ("layer", "neuron", "spell", "state", "born", "died", "last_level", "bias", "next_state")


def spells(neurons: Sequence[Sequence[np.ndarray]], biases: Sequence[Sequence[np.ndarray]]) -> pd.DataFrame:
    """Every spell that a hidden neuron spends as a zombie or inactive, from both arguments by level, then by layer.

    `neurons`: states (neurons,) from the inputs to the outputs; `biases`: trained ones (out,) per layer of weights.
    Columns: layer (1 = the first hidden one), neuron, spell (0, 1, … of one neuron), state, born (its first level),
    died (the first level in another state; null = still so at last_level, a censored life), last_level, bias (trained,
    at `born`), next_state (null when censored). Masks are nested, so a zombie's life ends when it falls inactive, and
    an inactive neuron stays so. Raises ValueError unless every level has the same neurons.
    """
    if len(neurons) != len(biases) or len({tuple(len(layer) for layer in level) for level in neurons}) > 1:
        raise ValueError("spells need the states and the biases of the same neurons at every level")
    found = []
    for layer in range(1, len(neurons[0]) - 1 if neurons else 0):
        states = np.stack([level[layer] for level in neurons])
        values = np.stack([level[layer - 1] for level in biases])
        found.append(_spells(states, values).assign(layer=layer))
    whole = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(_COLUMNS))
    return whole[list(_COLUMNS)].astype({"died": "Int64"})


def _spells(states: np.ndarray, biases: np.ndarray) -> pd.DataFrame:
    """The spells of one layer's neurons from their states and biases (levels, neurons)."""
    levels = len(states)
    changed = np.ones((levels + 1, states.shape[1]), dtype=bool)
    changed[1:-1] = states[1:] != states[:-1]
    until = np.full(states.shape, levels)
    for level in reversed(range(levels - 1)):
        until[level] = np.where(changed[level + 1], level + 1, until[level + 1])
    born, neuron = np.nonzero(changed[:-1] & np.isin(states, (State.INACTIVE, State.ZOMBIE)))
    died = until[born, neuron]
    ended = died < levels
    after = states[np.where(ended, died, 0), neuron]
    table = pd.DataFrame(
        {
            "neuron": neuron,
            "state": [_WORDS[state] for state in states[born, neuron]],
            "born": born,
            "died": pd.array(died, dtype="Int64"),
            "last_level": levels - 1,
            "bias": biases[born, neuron],
            "next_state": [_WORDS[state] if end else None for state, end in zip(after, ended, strict=True)],
        }
    )
    table.loc[~ended, "died"] = pd.NA
    table = table.sort_values(["neuron", "born"], ignore_index=True)
    return table.assign(spell=table.groupby("neuron").cumcount())
