"""What is special about single sources, and how tasks are put side by side."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits, make_circles, make_moons

from lth.data import circles, digits, moons, moons_circles, symbolic
from lth.data.side_by_side import side_by_side
from lth.data.source import PARTS, Rows, Sizes, Source, stratified, stream

SIZES = Sizes(1000, 1000, 1000)


def test_moons_without_noise_lie_on_their_half_circles() -> None:
    x, y = moons.source(SIZES, 0, 0.0).parts["val"]
    upper, lower = x[y[:, 0] == 0], x[y[:, 0] == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)


@pytest.mark.parametrize("samples", [1, 2, 3, 100, 1001])
@pytest.mark.parametrize("noise", [0, 0.0, 0.1, 1e100])
def test_moons_and_circles_are_those_of_scikit_learn(samples: int, noise: float) -> None:
    sizes = Sizes(samples, 1, 1)
    ours = [moons.source(sizes, 3, noise), circles.source(sizes, 3, noise, 0.35)]
    for source, make in zip(ours, [make_moons, partial(make_circles, factor=0.35)], strict=True):
        drawn = int(stream(3, source.name, "train").integers(2**32))
        x, labels = make(samples, noise=noise, random_state=drawn)
        np.testing.assert_array_equal(source.parts["train"].x, x)
        np.testing.assert_array_equal(source.parts["train"].y[:, 0], np.asarray(labels))


def test_circles_have_their_radii_and_noise() -> None:
    x, y = circles.source(SIZES, 0, 0.0, 0.35).parts["train"]
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y[:, 0] == 1, 0.35, 1))
    radii = np.hypot(*circles.source(SIZES, 0, 0.05, 0.35).parts["train"].x.T)
    assert 0.04 < np.std(radii[radii > 0.7]) < 0.06


def test_the_default_is_the_protocol_of_the_thesis() -> None:
    dataset = moons_circles.build()
    assert [len(part) for part in (dataset.train, dataset.val, dataset.test)] == [1000, 1000, 1000]
    assert dataset.task_names == ("moons", "circles")
    assert [task.kind for task in dataset.tasks] == ["binary", "binary"]


def test_n_moons_are_different_draws() -> None:
    dataset = moons.build(n=5)
    assert dataset.task_names == ("moons1", "moons2", "moons3", "moons4", "moons5")
    assert (dataset.inputs, dataset.outputs) == (10, 5)
    blocks = {np.sort(dataset.train.x[:, task.inputs[0]]).tobytes() for task in dataset.tasks}
    assert len(blocks) == 5


def test_turned_digits_are_turned_by_90_degrees() -> None:
    upright, turned = (source.parts for source in digits.sources(["digits", "turned"], Sizes(100, 50, 50), 3))
    for part in PARTS:
        before, after = (parts[part].x.reshape(-1, 8, 8) for parts in (upright, turned))
        for row in range(8):
            for column in range(8):
                np.testing.assert_array_equal(after[:, row, column], before[:, column, 7 - row])
        np.testing.assert_array_equal(upright[part].y, turned[part].y)


def test_digits_are_split_in_their_shares() -> None:
    shares = np.bincount(load_digits(return_X_y=True)[1]) / 1797
    (source,) = digits.sources(["digits"], Sizes(1077, 360, 360), 0)
    for rows in source.parts.values():
        assert np.abs(rows.y.sum(0) - shares * len(rows.y)).max() <= 3
    assert len({row.tobytes() for rows in source.parts.values() for row in rows.x}) == 1797


def test_more_digits_than_there_are() -> None:
    message = r"n_train\+n_val\+n_test=1078\+360\+360=1798: must be at most 1797"
    with pytest.raises(ValueError, match=message):
        digits.build(n_train=1078)


def test_symbolic_pair_without_noise_follows_its_formulas() -> None:
    dataset = symbolic.build_symbolic(noise=0)
    assert [(task.name, task.inputs) for task in dataset.tasks] == [("sine", (1, 3)), ("cube", (0, 2))]
    # Uniform inputs in (-1, 1) were divided by their deviation, about 1 / sqrt(3).
    x = dataset.test.x.astype(float) / np.sqrt(3)
    for task, target in enumerate((x[:, 1] ** 2 + np.sin(np.pi * x[:, 3]), (x[:, 0] + x[:, 2]) ** 3)):
        assert np.corrcoef(target, dataset.test.y[:, task])[0, 1] > 0.99


@pytest.mark.parametrize("build", [symbolic.build_symbolic, symbolic.build_polynomial])
def test_noise_of_formulas_is_added_to_the_targets_alone(build) -> None:
    plain, noisy = build(noise=0.0), build(noise=2.0)
    np.testing.assert_array_equal(plain.train.x, noisy.train.x)
    for task in range(2):
        assert 0.1 < np.corrcoef(plain.train.y[:, task], noisy.train.y[:, task])[0, 1] < 0.9


def given_source(name: str, x: np.ndarray) -> Source:
    y = np.arange(len(x), dtype=float)[:, None]
    return Source(name, "values", dict.fromkeys(PARTS, Rows(x, y)))


def test_constant_inputs_stay_0() -> None:
    x = np.column_stack([np.full(7, 0.1), np.arange(7.0)])
    source = given_source("one", x)
    source.parts["val"] = Rows(x + 1, source.parts["val"].y)
    dataset = side_by_side("flat", [source], seed=0)
    assert (dataset.train.x[:, 0] == 0).all()
    assert (dataset.val.x[:, 0] == 0).all()
    assert dataset.train.x[:, 1].std() == pytest.approx(1)


@given(st.permutations(range(4)))
def test_places_put_each_input_at_its_index(places: list[int]) -> None:
    random = np.random.default_rng(0)
    sources = [given_source("one", random.random((9, 1))), given_source("two", random.random((9, 3)))]
    straight, moved = (side_by_side("two", sources, seed=0, places=p) for p in (None, places))
    np.testing.assert_array_equal(moved.val.x[:, places], straight.val.x)
    assert [task.inputs for task in moved.tasks] == [(places[0],), tuple(places[1:])]


def test_what_does_not_fit_side_by_side() -> None:
    one, two = given_source("one", np.ones((4, 1))), given_source("two", np.ones((5, 1)))
    with pytest.raises(ValueError, match=r"n_train: .*\{'one': 4, 'two': 5\}"):
        side_by_side("two", [one, two], seed=0)
    with pytest.raises(ValueError, match=r"places=\[1\]: must be"):
        side_by_side("one", [one], seed=0, places=[1])


def test_pairs_stay_pairs_within_a_task_and_not_between_tasks() -> None:
    x = np.arange(50.0)[:, None]
    dataset = side_by_side("two", [given_source("one", x), given_source("two", x)], seed=0)
    np.testing.assert_allclose(dataset.train.x, dataset.train.y, atol=1e-6)
    assert (dataset.train.x[:, 0] == dataset.train.x[:, 1]).sum() < 10


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.integers(0, 5))
def test_stratified_orders_keep_the_shares_in_every_prefix(found: list[int], seed: int) -> None:
    labels = np.array(found)
    order = stratified(labels, stream(seed, "order"))
    assert sorted(order) == list(range(len(labels)))
    taken = np.arange(1, len(labels) + 1)
    classes = len(set(found))
    for label in set(found):
        share = (labels == label).mean()
        assert np.abs(np.cumsum(labels[order] == label) - share * taken).max() <= 1 + classes * share


def test_streams_are_apart() -> None:
    draws = {stream(*key).random() for key in [(0, "a", "b"), (0, "ab"), (0, "b", "a"), (1, "a", "b"), (0, "a")]}
    assert len(draws) == 5
    assert stream(7, "moons", "train").random() == stream(7, "moons", "train").random()
