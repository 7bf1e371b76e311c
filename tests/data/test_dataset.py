"""What a task, a split and a dataset accept."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from lth.data import Dataset, Split, Task

MOONS = Task("moons", (0, 1), (0,), "binary")
DIGITS = Task("digits", (2, 4), (1, 2, 3), "classes")


def split(samples: int = 5, inputs: int = 6, outputs: int = 4) -> Split:
    return Split(np.zeros((samples, inputs), np.float32), np.zeros((samples, outputs), np.float32))


def dataset(*tasks: Task) -> Dataset:
    return Dataset(tasks, split(), split(3), split(4), "both")


def test_properties_of_a_dataset() -> None:
    both = dataset(MOONS, DIGITS)
    assert (both.inputs, both.outputs, both.task_names, len(both.val)) == (6, 4, ("moons", "digits"), 3)
    with pytest.raises(FrozenInstanceError):
        both.name = "other"  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "two moons"}, "letters, digits and _"),
        ({"name": ""}, "letters, digits and _"),
        ({"kind": "labels"}, "binary, classes, values"),
        ({"inputs": ()}, "one or more"),
        ({"inputs": (1, 1)}, "different"),
        ({"inputs": (-1,)}, ">= 0"),
        ({"outputs": ()}, "one block"),
        ({"outputs": (-1,)}, "one block"),
        ({"outputs": (0, 2), "kind": "values"}, "one block"),
        ({"outputs": (0, 1)}, "one output"),
        ({"kind": "classes"}, "two outputs"),
    ],
)
def test_bad_tasks(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(MOONS, **change)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((2, 3)), np.zeros((2, 1), np.float32), "x must be .*float64"),
        (np.zeros((2, 3), np.float32), np.zeros(2, np.float32), "y must be"),
        (np.full((2, 3), np.nan, np.float32), np.zeros((2, 1), np.float32), "x holds values that are not finite"),
        (np.zeros((2, 3), np.float32), np.zeros((3, 1), np.float32), "2 and 3"),
        (np.zeros((0, 3), np.float32), np.zeros((0, 1), np.float32), "at least 1"),
    ],
)
def test_bad_splits(x: np.ndarray, y: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Split(x, y)


def test_bad_datasets() -> None:
    with pytest.raises(ValueError, match="different names"):
        dataset()
    with pytest.raises(ValueError, match="different names"):
        dataset(MOONS, replace(DIGITS, name="moons"))
    with pytest.raises(ValueError, match=r"0\.\.3 in order"):
        dataset(DIGITS, MOONS)
    with pytest.raises(ValueError, match=r"0\.\.3 in order"):
        dataset(MOONS)
    with pytest.raises(ValueError, match="at most one task"):
        dataset(MOONS, replace(DIGITS, inputs=(1, 2)))
    with pytest.raises(ValueError, match="6 inputs"):
        dataset(MOONS, replace(DIGITS, inputs=(6,)))
    with pytest.raises(ValueError, match="parts differ"):
        Dataset((MOONS, DIGITS), split(), split(inputs=7), split(), "both")
