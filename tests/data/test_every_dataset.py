"""What holds for every dataset in conf/dataset that this program makes; `arrays` are anybody's (test_arrays.py)."""

from collections.abc import Callable
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf
from scipy.stats import kstest
from sklearn.svm import SVC, SVR

from lth.data import Dataset, Split, Task

CONF = Path(__file__).parents[2] / "conf" / "dataset"
NAMES = sorted(path.stem for path in CONF.glob("*.yaml") if path.stem != "arrays")
KEYS = {name: set(OmegaConf.load(CONF / f"{name}.yaml")) for name in NAMES}
SIZES = {
    "moons_circles": (4, 2),
    "n_moons": (4, 2),
    "symbolic_pair": (4, 2),
    "polynomial_pair": (4, 2),
    "digits": (64, 10),
    "digits_pair": (128, 20),
    "moons_circles_digits": (68, 12),
    "mnist": (784, 10),
    "fashion": (784, 10),
    "mnist_fashion": (1568, 20),
    "moons_circles_shared": (4, 2),
    "moons_circles_controls": (4, 2),
    "boolean_pair": (8, 8),
    "digits_bit": (129, 3),
    "mnist_5k": (784, 10),
    "mnist1d": (40, 10),
}
HARD = {"mnist1d": 0.5, "mnist_5k": 0.9}  # accuracy of a support vector machine that knows no images
UNEVEN = {"boolean_pair"}  # its labels are not equally many
REPEATING = {"digits_bit"}  # their samples are pairs, and what is paired comes in several
DEPENDENT = {"digits_bit"}  # one task's labels follow from the other's inputs too
Build = Callable[..., Dataset]
every_dataset = pytest.mark.parametrize("name", NAMES)


def parts(dataset: Dataset) -> tuple[Split, Split, Split]:
    return dataset.train, dataset.val, dataset.test


def label(split: Split, task: Task) -> np.ndarray:
    y = split.y[:, task.outputs]
    return y.argmax(1) if task.kind == "classes" else y[:, 0]


def correlations(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Correlation of every column with every column; what is constant correlates with nothing."""
    deviations = [np.where(np.ptp(part, axis=0) > 0, part.std(0), np.inf) for part in (left, right)]
    return (left - left.mean(0)).T @ (right - right.mean(0)) / len(left) / np.outer(*deviations)


@every_dataset
def test_shapes_and_sizes(name: str, build: Build) -> None:
    dataset = build(name, n_train=30, n_val=20, n_test=10)
    assert [len(part) for part in parts(dataset)] == [30, 20, 10]
    assert (dataset.inputs, dataset.outputs) == SIZES[name]
    assert all(part.x.dtype == part.y.dtype == np.float32 for part in parts(dataset))
    assert all(array.flags.c_contiguous for part in parts(dataset) for array in (part.x, part.y))
    assert {"_target_", "n_train", "n_val", "n_test", "seed", "noise_inputs"} <= KEYS[name]


@every_dataset
def test_tasks_share_out_all_inputs_and_outputs(name: str, build: Build) -> None:
    dataset = build(name)
    assert sorted(i for task in dataset.tasks for i in task.inputs) == list(range(dataset.inputs))
    assert [i for task in dataset.tasks for i in task.outputs] == list(range(dataset.outputs))


@every_dataset
def test_inputs_are_standardised_on_the_training_part(name: str, build: Build) -> None:
    dataset = build(name, noise_inputs=2)
    mean, deviation = dataset.train.x.mean(0, dtype=float), dataset.train.x.std(0, dtype=float)
    varying = deviation > 0
    np.testing.assert_allclose(mean, 0, atol=1e-5)
    np.testing.assert_allclose(deviation[varying], 1, atol=1e-5)
    assert all((part.x[:, ~varying] == 0).all() for part in parts(dataset))
    assert varying.mean() > 0.7
    assert not np.allclose(dataset.val.x[:, varying].mean(0, dtype=float), 0, atol=1e-5)


@every_dataset
def test_outputs_are_what_their_kind_says(name: str, build: Build) -> None:
    dataset = build(name)
    for task in dataset.tasks:
        for part in parts(dataset):
            y = part.y[:, task.outputs]
            if task.kind == "values":
                continue
            assert set(np.unique(y)) == {0, 1}
            assert task.kind == "binary" or (y.sum(1) == 1).all()
        y = dataset.train.y[:, task.outputs]
        if task.kind == "values":
            np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=1e-5)
        elif name not in UNEVEN:
            np.testing.assert_allclose(y.mean(0), 1 / max(2, len(task.outputs)), atol=0.02)


@every_dataset
def test_the_seed_alone_decides(name: str, build: Build) -> None:
    # A noise input makes the two calls different to the fixture, which would else build once.
    first, again, other = build(name), build(name, noise_inputs=1), build(name, seed=1)
    for one, two, three in zip(parts(first), parts(again), parts(other), strict=True):
        np.testing.assert_array_equal(one.x, two.x[:, :-1])
        np.testing.assert_array_equal(one.y, two.y)
        assert not np.array_equal(one.x, three.x)


@every_dataset
def test_the_training_size_leaves_the_other_parts_alone(name: str, build: Build) -> None:
    big, small = build(name), build(name, n_train=100)
    for one, two in zip(parts(big)[1:], parts(small)[1:], strict=True):
        for a, b in ((one.x, two.x), (one.y, two.y)):
            varying = (np.ptp(a, axis=0) > 0) & (np.ptp(b, axis=0) > 0)
            assert varying.mean() > 0.5
            # Both standardised with other means and deviations: alike once standardised with their own.
            a, b = ((c[:, varying] - c[:, varying].mean(0)) / c[:, varying].std(0) for c in (a, b))
            np.testing.assert_allclose(a, b, atol=2e-3)


@every_dataset
def test_no_sample_is_in_two_parts(name: str, build: Build) -> None:
    dataset = build(name)
    for task in dataset.tasks:
        rows = [{row.tobytes() for row in part.x[:, task.inputs]} for part in parts(dataset)]
        assert not any(one & two for one, two in combinations(rows, 2))
        assert len(rows[0]) == len(dataset.train) or name in REPEATING


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DEPENDENT])
def test_tasks_say_nothing_of_each_other(name: str, build: Build) -> None:
    dataset = build(name)
    for task, other in permutations(dataset.tasks, 2):
        x, y = dataset.train.x[:, task.inputs], dataset.train.y[:, task.outputs]
        strangers = dataset.train.y[:, other.outputs]
        assert np.abs(correlations(y, strangers)).max() < 4.5 / np.sqrt(len(y))
        assert np.abs(correlations(x, strangers)).max() < 6 / np.sqrt(len(y))


@every_dataset
def test_noise_inputs_are_last_normal_and_in_no_task(name: str, build: Build) -> None:
    plain, noisy, noisier = build(name), build(name, noise_inputs=2), build(name, noise_inputs=3)
    assert noisier.inputs == plain.inputs + 3
    assert noisier.tasks == plain.tasks
    for one, two, three in zip(*map(parts, (plain, noisy, noisier)), strict=True):
        np.testing.assert_array_equal(three.x[:, :-1], two.x)
        np.testing.assert_array_equal(two.x[:, :-2], one.x)
        noise = three.x[:, -3:]
        assert all(kstest(column, "norm").pvalue > 1e-3 for column in noise.T)
        rest = np.hstack([three.x[:, :-3], three.y])
        assert np.abs(correlations(noise, rest)).max() < 6 / np.sqrt(len(noise))
        assert np.abs(np.triu(correlations(noise, noise), 1)).max() < 4.5 / np.sqrt(len(noise))
    few = len(noisy.test)
    apart = [part.x[:few, -1:] for part in parts(noisy)]
    assert all(np.abs(correlations(*two)).max() < 4.5 / np.sqrt(few) for two in combinations(apart, 2))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DEPENDENT])
def test_a_simple_model_learns_every_task(name: str, build: Build) -> None:
    dataset = build(name)
    for task in dataset.tasks:
        model = SVR(C=10) if task.kind == "values" else SVC()
        model.fit(dataset.train.x[:, task.inputs], label(dataset.train, task))
        score = model.score(dataset.test.x[:, task.inputs], label(dataset.test, task))
        assert score > HARD.get(name, 0.9 if task.kind == "values" else 0.95), task.name


BAD: list[tuple[str, Any]] = [
    *((key, value) for key in ("n_train", "n_val", "n_test") for value in (0, -5, 1.5, "many", True)),
    *(("noise", value) for value in (-0.1, float("nan"), float("inf"), "loud", True)),
    *(("noise_inputs", value) for value in (-1, 0.5)),
    *(("seed", value) for value in (-1, 0.5)),
    *(("factor", value) for value in (-0.1, 1.0, "half")),
    *(("n", value) for value in (1, 0, 2.0)),
    *(("share", value) for value in (-0.1, 1.1, float("nan"), "half", True)),
    *(("shared", value) for value in ("all", 1)),
    *(("control", value) for value in ("none", 1)),
    *(("shared_inputs", value) for value in (-1, 5, 0.5)),
    *(("digits", value) for value in (1, 11, 2.5)),
    *(("bit", value) for value in ("two", 1)),
    *(("standardise", value) for value in ("maybe", 1)),
    *(("tasks", value) for value in ([], ["cats"], ["digits", "digits"], ["mnist", "mnist"])),
]


@pytest.mark.parametrize(
    ("name", "key", "value"), [(name, key, value) for name in NAMES for key, value in BAD if key in KEYS[name]]
)
def test_bad_values_are_named(name: str, key: str, value: Any, build: Build) -> None:
    with pytest.raises(Exception) as error:  # noqa: PT011 (Hydra wraps the ValueError)
        build(name, **{key: value})
    cause = error.value.__cause__
    assert isinstance(cause, ValueError)
    shown = repr(value) if not isinstance(value, list) else str(value)
    assert str(cause).startswith(f"{key}={shown}: must be ")
    assert "\n" not in str(cause)
