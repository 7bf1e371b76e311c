"""Distance to a split: networkx's least cut on random tickets, hand-drawn ones, and where there is none."""

import numpy as np
import pytest
from plain_reading import TWO, Plain, random_ticket, wires

from lth.data.dataset import Task
from lth.ticket import analyse
from lth.ticket.distance import least_cut

WHOLE = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1)]


def _magnitudes(weights: list[np.ndarray]) -> dict[tuple, float]:
    return {
        ((layer, start), (layer + 1, end)): abs(float(values[end, start]))
        for layer, values in enumerate(weights)
        for end, start in np.ndindex(values.shape)
    }


@pytest.mark.parametrize("block", range(10))
def test_cuts_are_the_least_cuts_of_networkx(block: int) -> None:
    rng = np.random.default_rng(1000 + block)
    computed = 0
    for _ in range(40):
        masks, tasks = random_ticket(rng)
        weights = [rng.normal(size=mask.shape) * mask for mask in masks]
        found, plain = analyse(masks, tasks, weights), Plain(masks, tasks)
        magnitudes = _magnitudes(weights)
        ones = plain.cut(dict.fromkeys(magnitudes, 1))
        if found.cut is None:
            assert ones == 0
            assert found.status in ("degraded", "fragmented")
            assert found.cut_magnitude is None
            continue
        assert found.cut == ones
        assert found.cut_magnitude == pytest.approx(plain.cut(magnitudes), rel=1e-6)
        assert (found.cut == 0) == (found.status == "separated")
        computed += found.cut > 0
    assert computed >= 5


def test_removing_a_cut_of_the_said_size_separates_and_nothing_smaller_does() -> None:
    # Two bridges: one through hidden 2, fed by both tasks on one side and with one way out, one straight.
    bridge = [(0, 0, 2), (0, 2, 2), (0, 3, 2), (1, 2, 0)]
    masks = wires((4, 3, 2), *WHOLE, *bridge, (1, 0, 1))
    assert analyse(masks, TWO).cut == 3
    masks[1][1, 0] = False
    assert analyse(masks, TWO).cut == 2
    masks[0][2, 2:] = False
    assert (analyse(masks, TWO).cut, analyse(masks, TWO).status) == (0, "separated")


def test_magnitudes_choose_another_cut_than_counts() -> None:
    # Task 2 reaches moons' output over one heavy weight, which two light ones feed.
    masks = wires((4, 3, 2), *WHOLE, (0, 2, 2), (0, 3, 2), (1, 2, 0))
    weights = [mask.astype("float32") for mask in masks]
    weights[1][0, 2] = -5
    weights[0][2, 2:] = [0.25, -0.5]
    found = analyse(masks, TWO, weights)
    assert (found.cut, found.cut_magnitude) == (1, 0.75)


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1e30])
def test_magnitudes_of_any_scale_fit_the_flow(scale: float) -> None:
    rng = np.random.default_rng(0)
    masks = [np.ones((30, 4), bool), np.ones((30, 30), bool), np.ones((2, 30), bool)]
    weights = [rng.normal(size=mask.shape) for mask in masks]
    one = analyse(masks, TWO, weights).cut_magnitude
    scaled = analyse(masks, TWO, [values * scale for values in weights]).cut_magnitude
    assert one is not None
    assert scaled == pytest.approx(one * scale, rel=1e-6, abs=0)


def test_one_weight_may_be_nearly_all_of_the_sum() -> None:
    masks = wires((4, 2, 2), *WHOLE, (1, 0, 1))
    weights = [mask.astype("float64") * 1e-12 for mask in masks]
    weights[1][1, 0] = 1e6
    found = analyse(masks, TWO, weights)
    # The heavy bridge stays; the three weights that tie its start to moons go.
    assert found.cut == 1
    assert found.cut_magnitude == pytest.approx(3e-12, rel=1e-6, abs=0)


def test_tiny_weights_still_hold_what_they_join_together() -> None:
    """A heavy task beside one whose weights are far below what its flow can tell apart: the bridge is the least cut."""
    masks = wires((4, 2, 2), *WHOLE, (1, 0, 1))
    weights = [mask.astype("float64") * 3e-12 for mask in masks]
    weights[0][1], weights[1][1, 1] = 1e6 * masks[0][1], 1e6
    weights[1][1, 0] = -1e-12
    assert analyse(masks, TWO, weights).cut_magnitude == pytest.approx(1e-12, rel=1e-6, abs=0)


def test_weights_of_zero_cost_nothing_and_still_join() -> None:
    masks = wires((4, 2, 2), *WHOLE, (1, 0, 1))
    found = analyse(masks, TWO, [np.zeros(mask.shape) for mask in masks])
    assert (found.status, found.cut, found.cut_magnitude) == ("interconnected", 1, 0.0)


def test_weights_that_are_not_finite_have_no_magnitude() -> None:
    masks = wires((4, 2, 2), *WHOLE, (1, 0, 1))
    weights = [mask.astype("float64") for mask in masks]
    weights[0][0, 0] = np.nan
    found = analyse(masks, TWO, weights)
    assert (found.cut, found.cut_magnitude) == (1, None)


def test_above_the_limit_and_without_weights_it_is_null() -> None:
    masks = wires((4, 2, 2), *WHOLE, (1, 0, 1))
    weights = [mask.astype("float64") for mask in masks]
    assert (analyse(masks, TWO, weights, cut_limit=7).cut, analyse(masks, TWO).cut_magnitude) == (1, None)
    row = analyse(masks, TWO, weights, cut_limit=6).columns()
    assert (row["cut"], row["cut_magnitude"]) == (None, None)


def test_three_tasks_are_the_isolating_cuts_without_the_largest() -> None:
    tasks = tuple(Task(name, (index,), (index,), "binary") for index, name in enumerate("abc"))
    # b is tied to a by one weight and to c by two, through hidden neurons of its own.
    masks = wires(
        (3, 4, 3),
        *((0, i, i) for i in range(3)),
        *((1, i, i) for i in range(3)),
        (1, 0, 1),
        (0, 2, 3),
        (1, 3, 1),
        (1, 2, 1),
    )
    found = analyse(masks, tasks)
    assert found.status == "interconnected"
    assert found.cut == 1 + 2  # a and c are isolated by 1 and 2, b by 3


def test_a_task_without_active_neurons_leaves_the_others_their_cut() -> None:
    tasks = tuple(Task(name, (index,), (index,), "binary") for index, name in enumerate("abc"))
    masks = wires((3, 2, 3), (0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 1, 1), (1, 0, 1))
    found = analyse(masks, tasks)
    assert (found.status, found.cut, found.partition) == ("degraded", 1, "a+b|c")
    assert analyse(wires((3, 2, 3), (0, 0, 0), (1, 0, 0)), tasks).cut is None


@pytest.mark.parametrize("block", range(4))
def test_without_the_weights_of_a_least_cut_no_component_holds_two_tasks(block: int) -> None:
    rng = np.random.default_rng(2000 + block)
    parted = 0
    for _ in range(40):
        masks, tasks = random_ticket(rng)
        whole = analyse(masks, tasks)
        found = least_cut(whole.weights, whole.neurons, tasks)
        size = sum(int(layer.sum()) for layer in found)
        assert all((mask | ~layer).all() for mask, layer in zip(masks, found, strict=True))
        assert size == (whole.cut or 0) if len(tasks) == 2 else size <= (whole.cut or 0)
        rest = analyse([mask & ~layer for mask, layer in zip(masks, found, strict=True)], tasks)
        assert (rest.holds.sum(axis=1) <= 1).all()
        parted += size > 0
    assert parted >= 5
