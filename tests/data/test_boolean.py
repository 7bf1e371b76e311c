"""The Boolean pair against truth tables, its gates and what the two functions share."""

from itertools import product

import numpy as np
import pytest

from lth.data import Dataset, boolean
from lth.data.boolean import Gate

CUBE = np.array(list(product([False, True], repeat=4)))
FUNCTIONS = {"and": lambda a, b: a and b, "or": lambda a, b: a or b, "xor": lambda a, b: a != b}
SEEDS = range(30)


def bits(dataset: Dataset, columns: list[int]) -> np.ndarray:
    """The bits of the training part's inputs, (N, columns) bool, of a dataset without noise."""
    return dataset.train.x[:, columns] > 0


@pytest.mark.parametrize("kind", boolean.KINDS)
@pytest.mark.parametrize("negated", list(product([False, True], repeat=2)))
def test_a_gate_is_its_truth_table(kind: str, negated: tuple[bool, bool]) -> None:
    gate = Gate(kind, negated)
    for a, b in product([False, True], repeat=2):
        expected = FUNCTIONS[kind](a != negated[0], b != negated[1])
        assert bool(gate(np.array([a]), np.array([b]))[0]) is bool(expected)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shared", range(5))
def test_every_sample_is_answered_as_the_truth_table_says(seed: int, shared: int) -> None:
    dataset, functions = boolean.build(shared, noise=0, seed=seed), boolean.gates(seed)
    for task in dataset.tasks:
        one, other = functions[task.name]
        table = {
            (a, b, c, d): [
                one_is == first and other_is == second for first in (False, True) for second in (False, True)
            ]
            for a, b, c, d in product([False, True], repeat=4)
            for one_is in [FUNCTIONS[one.kind](a != one.negated[0], b != one.negated[1])]
            for other_is in [FUNCTIONS[other.kind](c != other.negated[0], d != other.negated[1])]
        }
        seen = bits(dataset, list(task.inputs))
        expected = np.array([table[tuple(row)] for row in seen.tolist()], dtype=np.float32)
        np.testing.assert_array_equal(dataset.train.y[:, task.outputs], expected)
        assert {tuple(row) for row in seen.tolist()} == set(table)


@pytest.mark.parametrize("shared", range(5))
def test_the_first_inputs_of_the_second_are_copies_and_the_others_its_own(shared: int) -> None:
    dataset = boolean.build(shared)
    first, second = (task.inputs for task in dataset.tasks)
    for part in (dataset.train, dataset.val, dataset.test):
        np.testing.assert_array_equal(part.x[:, first[:shared]], part.x[:, second[:shared]])
        own = np.corrcoef(part.x[:, first].T, part.x[:, second].T)[:4, 4 + shared :]
        assert np.abs(own).max(initial=0) < 4.5 / np.sqrt(len(part))


def test_what_is_not_shared_stays_as_it_was() -> None:
    plain, half = boolean.build(0, seed=1), boolean.build(2, seed=1)
    np.testing.assert_array_equal(plain.train.x[:, [0, 1, 2, 3, 6, 7]], half.train.x[:, [0, 1, 2, 3, 6, 7]])
    np.testing.assert_array_equal(plain.train.y[:, :4], half.train.y[:, :4])


def test_gates_at_the_same_place_are_neither_equal_nor_opposite() -> None:
    drawn = set()
    for seed in SEEDS:
        both = boolean.gates(seed)
        for one, other in zip(both["first"], both["second"], strict=True):
            tables = [gate(CUBE[:, 0], CUBE[:, 1]) for gate in (one, other)]
            assert 0 < (tables[0] == tables[1]).mean() < 1
            drawn |= {one.kind, other.kind}
    assert drawn == set(boolean.KINDS)


def test_both_gates_can_be_read_from_the_answer_and_no_output_is_idle() -> None:
    for seed in SEEDS:
        for one, other in boolean.gates(seed).values():
            answers = boolean.answer(CUBE, (one, other))
            np.testing.assert_array_equal(answers // 2, one(CUBE[:, 0], CUBE[:, 1]))
            np.testing.assert_array_equal(answers % 2, other(CUBE[:, 2], CUBE[:, 3]))
            assert set(answers.tolist()) == {0, 1, 2, 3}
