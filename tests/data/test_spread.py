"""Data that is not finite, or has no spread where it should, is refused with its key; what a run gets has both."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth.data import Dataset, Split, Task
from lth.data.moons_circles import build as moons_circles
from lth.data.side_by_side import side_by_side
from lth.data.source import MOST_NOISE, PARTS, Rows, Source
from lth.data.symbolic import build_symbolic
from lth.settings import ConfigurationError
from tests.configured import plan_of

Change = Callable[[np.ndarray, np.ndarray], None]  # x (N, 4) and y (N, 4) of every part, changed in place


def built(change: str) -> Dataset:
    """What somebody's own function gives: a binary task, one of two classes, one of a value; one thing is changed."""
    random = np.random.default_rng(0)
    parts = []
    for samples in (20, 10, 10):
        x = random.normal(size=(samples, 4)).astype(np.float32)
        y = np.zeros((samples, 4), np.float32)
        y[::2, 0] = y[::2, 1] = y[1::2, 2] = 1
        y[:, 3] = random.normal(size=samples)
        CHANGES[change](x, y)
        parts.append(Split(x, y))
    tasks = (
        Task("one", (0, 1), (0,), "binary"), Task("two", (2,), (1, 2), "classes"), Task("three", (3,), (3,), "values")
    )  # fmt: skip
    train, val, test = parts
    return Dataset(tasks, train, val, test, "own")


def _put(where: int, columns: slice | int, value: float | list[float]) -> Change:
    return lambda x, y: (x, y)[where].__setitem__((slice(None), columns), value)


CHANGES: dict[str, Change] = {
    "nothing": lambda x, y: None,
    "one constant input of two": _put(0, 0, 3.0),
    "no input of one": _put(0, slice(0, 2), 3.0),
    "no input of three": _put(0, 3, 0.0),
    "one label": _put(1, 0, 1.0),
    "label 2": lambda x, y: y.__setitem__((slice(None), 0), 2 * y[:, 0]),
    "label -1": lambda x, y: y.__setitem__((slice(None), 0), 2 * y[:, 0] - 1),
    "half a class": _put(1, slice(1, 3), 0.5),
    "two classes at once": _put(1, slice(1, 3), 1.0),
    "one class": _put(1, slice(1, 3), [1.0, 0.0]),
    "a constant value": _put(1, 3, 7.0),
}
REFUSED = {
    "no input of one": "task one: none of its inputs varies",
    "no input of three": "task three: none of its inputs varies",
    "one label": "task one: its training part has one label",
    "label 2": "task one: its labels must be 0 or 1",
    "label -1": "task one: its labels must be 0 or 1",
    "half a class": "task two: its labels must be one 1",
    "two classes at once": "task two: its labels must be one 1",
    "one class": "task two: its training part has one label",
    "a constant value": "task three: output 3 does not vary",
}


@pytest.mark.parametrize("change", CHANGES)
def test_ones_own_dataset_is_checked(change: str, tmp_path: Path) -> None:
    own = {"_target_": "tests.data.test_spread.built", "change": change}
    if change not in REFUSED:
        assert plan_of(tmp_path, dataset=own).dataset.inputs == 4
        return
    with pytest.raises(ConfigurationError, match=REFUSED[change]) as refused:
        plan_of(tmp_path, dataset=own)
    assert str(refused.value).startswith("dataset=tests.data.test_spread.built: ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e200, -1e308, 5e-324])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("side", ["x", "y"])
def test_raw_values_without_a_finite_deviation_are_refused(value: float, part: str, side: str) -> None:
    """In every part: an infinite one in the test part would be as wrong as in the training part."""
    random = np.random.default_rng(0)
    raw = {name: Rows(random.normal(size=(12, 2)), random.normal(size=(12, 1))) for name in PARTS}
    tiny = abs(value) < 1e-300
    if tiny:  # a column that varies, but whose squares are all 0
        getattr(raw["train"], side)[:, 0] = 0
    getattr(raw["train" if tiny else part], side)[3, 0] = value
    with pytest.raises(ValueError, match=f"task odd: {'inputs' if side == 'x' else 'outputs'} must be finite"):
        side_by_side("odd", [Source("odd", "values", raw)], seed=0)


@given(noise=st.floats(0, MOST_NOISE), build=st.sampled_from([moons_circles, build_symbolic]))
def test_any_noise_that_is_taken_leaves_data_that_vary(noise: float, build: Callable[..., Dataset]) -> None:
    dataset = build(noise=noise, n_train=40, n_val=10, n_test=10)
    for split in (dataset.train, dataset.val, dataset.test):
        assert np.isfinite(split.x).all()
        assert np.isfinite(split.y).all()
    np.testing.assert_allclose(dataset.train.x.std(0, dtype=float), 1, atol=1e-4)
