"""Spells of neurons, hand-drawn, against a plain reading, and on nested masks."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from plain_reading import random_ticket

from lth.ticket import State, analyse
from lth.ticket.lifetimes import spells

_I, _Z, _A = State.INACTIVE, State.ZOMBIE, State.ACTIVE


def of(states: list[list[int]]) -> pd.DataFrame:
    """Spells of one hidden layer, from its neurons' states level by level; biases tell level and neuron."""
    neurons = [[np.full(2, _A), np.array(level), np.full(1, _A)] for level in states]
    biases = [[np.array([10 * level + n for n in range(len(states[0]))]), np.zeros(1)] for level in range(len(states))]
    return spells(neurons, biases)


def plain(table: pd.DataFrame, *columns: str) -> list[list[Any]]:
    return [[None if pd.isna(cell) else cell for cell in row] for row in table[list(columns)].astype(object).to_numpy()]


def test_spells_of_hand_drawn_neurons() -> None:
    table = of([[_A, _Z, _A, _I], [_Z, _Z, _A, _I], [_Z, _I, _A, _I], [_I, _I, _Z, _I]])
    assert plain(table, "neuron", "spell", "state", "born", "died", "bias", "next_state") == [
        [0, 0, "zombie", 1, 3, 10.0, "inactive"],
        [0, 1, "inactive", 3, None, 30.0, None],
        [1, 0, "zombie", 0, 2, 1.0, "inactive"],
        [1, 1, "inactive", 2, None, 21.0, None],
        [2, 0, "zombie", 3, None, 32.0, None],
        [3, 0, "inactive", 0, None, 3.0, None],
    ]
    assert set(table["last_level"]) == {3}
    assert set(table["layer"]) == {1}


def test_spells_are_those_of_a_plain_reading() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        states = rng.choice([_I, _Z, _A], size=(int(rng.integers(1, 6)), 7))
        expected = []
        for neuron in range(7):
            spell, level = 0, 0
            while level < len(states):
                end = level
                while end < len(states) and states[end, neuron] == states[level, neuron]:
                    end += 1
                if states[level, neuron] != _A:
                    state = State(states[level, neuron]).name.lower()
                    expected.append([neuron, spell, state, level, end if end < len(states) else None])
                    spell += 1
                level = end
        assert plain(of(states.tolist()), "neuron", "spell", "state", "born", "died") == expected


def test_under_nested_masks_zombies_fall_inactive_and_stay_so() -> None:
    rng = np.random.default_rng(1)
    ended = 0
    for _ in range(30):
        masks, tasks = random_ticket(rng)
        states, biases, rows = [], [], []
        for _ in range(5):
            structure = analyse(masks, tasks, cut_limit=0)
            states.append(structure.neurons)
            biases.append([rng.normal(size=len(mask)) for mask in masks])
            rows.append(structure.columns())
            masks = [mask & (rng.random(mask.shape) < 0.7) for mask in masks]
        table = spells(states, biases)
        died = table["died"].fillna(5)
        for level, row in enumerate(rows):
            now = table[(table["born"] <= level) & (level < died)]
            counts = [int((now["state"] == state).sum()) for state in ("inactive", "zombie")]
            assert counts == [row["inactive_neurons"], row["zombie_neurons"]]
        assert table.loc[table["state"] == "inactive", "died"].isna().all()
        assert set(table["next_state"].dropna()) <= {"inactive"}
        ended += int(table["died"].notna().sum())
        for layer, neuron, born, bias in plain(table, "layer", "neuron", "born", "bias"):
            assert bias == biases[born][layer - 1][neuron]
    assert ended > 10


def test_no_level_and_unequal_levels() -> None:
    assert list(spells([], [])["died"]) == []
    one, other = [np.full(width, _A) for width in (2, 3, 1)], [np.full(width, _A) for width in (2, 4, 1)]
    with pytest.raises(ValueError, match="same neurons"):
        spells([one, other], [[np.zeros(3), np.zeros(1)], [np.zeros(4), np.zeros(1)]])
