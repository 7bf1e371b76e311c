"""The locality penalty and its swaps: what connections cost, and that swaps change nothing else."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.method.layout import Layout
from lth.method.penalty.l1 import L1
from lth.method.penalty.locality import Locality
from lth.method.positions import SHIFT, positions
from lth.method.state import State
from lth.method.step.swaps import Swaps
from lth.method.stopping import StoppingRule
from tests.method.networks import by_lot
from tests.small_jobs import run, run_by_both, small_job, tickets

WIDTHS = (4, 9, 7, 2)
LAYOUT = Layout(WIDTHS)
SHORT = StoppingRule(patience=6, max_epochs=6)
WEIGHTS = LAYOUT.is_weight(LAYOUT.size)


def state_of(seeds: int = 3, steps: int = 199) -> State:
    weight = by_lot(WIDTHS, seeds)
    return {"weight": weight, SHIFT: torch.zeros_like(weight), "steps": torch.full((seeds,), steps)}


def cost(state: State, rule: Locality, layout: Layout = LAYOUT) -> Tensor:
    return rule.penalty(state, layout.is_weight(layout.size).expand_as(state["weight"]), layout)


def test_connections_cost_their_length_by_hand() -> None:
    layout = Layout((2, 2, 1))  # inputs and hidden neurons at 1/4 and 3/4, the output at 1/2
    row = torch.tensor([[1.0, -1.0, 2.0, 0.0, 3.0, 0.0, 5.0, 0.0, -7.0]])
    state = {"weight": row, "steps": torch.zeros(1, dtype=torch.int64)}
    lengths = 1 * 0 + 1 * 0.5 + 2 * 0.5 + 5 * 0.25
    sizes, biases = 1 + 1 + 2 + 5, 3 + 7
    assert cost(state, Locality(0.1), layout).item() == pytest.approx(0.1 * (lengths + 0.2 * (sizes + biases)))
    rule = Locality(0.1, distance=2.0, least=0.5, biases=False)
    assert cost(state, rule, layout).item() == pytest.approx(0.1 * (2 * lengths + 0.5 * sizes))
    state[SHIFT] = torch.tensor([[0, 0, 0, 0, 1.0, -1.0, 0, 0, 0]])  # the hidden neurons have changed places
    lengths = 1 * 0.5 + 1 * 0 + 2 * 0 + 5 * 0.25
    assert cost(state, rule, layout).item() == pytest.approx(0.1 * (2 * lengths + 0.5 * sizes))


def test_without_distance_it_is_l1() -> None:
    state = state_of()
    plain = L1(0.3).penalty(state, WEIGHTS.expand_as(state["weight"]), LAYOUT)
    torch.testing.assert_close(cost(state, Locality(0.3, distance=0.0, least=1.0, biases=False)), plain)
    every = L1(0.3).penalty(state, torch.ones_like(state["weight"], dtype=torch.bool), LAYOUT)
    torch.testing.assert_close(cost(state, Locality(0.3, distance=0.0, least=1.0)), every)


def test_it_is_stronger_for_a_while() -> None:
    rule = Locality(0.1, between=(10, 20), peak=5.0)
    found = [cost(state_of(1, steps), rule).item() for steps in (0, 9, 10, 19, 20, 500)]
    assert [value / found[0] for value in found] == pytest.approx([1, 1, 5, 5, 1, 1])


def test_a_swap_never_makes_connections_longer_and_leaves_the_network() -> None:
    state, rule = state_of(seeds=5), Locality(1.0)
    weight, costs = state["weight"].clone(), [cost(state, rule)]
    for _ in range(6):
        Swaps(every=200, top=3).after(state, weight, LAYOUT)
        costs.append(cost(state, rule))
    assert torch.equal(state["weight"], weight)
    assert all((after <= before + 1e-12).all() for before, after in pairwise(costs))
    assert (costs[-1] < 0.97 * costs[0]).all()


def test_every_neuron_has_a_place_of_its_own_and_the_ends_stay() -> None:
    state = state_of(seeds=5)
    for _ in range(4):
        Swaps(every=200, top=9).after(state, state["weight"], LAYOUT)
    moved = 0
    for found, neurons, layer in zip(positions(state, LAYOUT), WIDTHS, range(4), strict=True):
        places = (torch.arange(neurons) + 0.5).double() / neurons
        torch.testing.assert_close(found.sort(dim=1).values, places.expand(5, -1))
        ordered = torch.allclose(found, places.expand(5, -1))
        assert ordered or layer in (1, 2)
        moved += not ordered
    assert moved == 2


def test_the_best_swap_of_a_single_neuron_is_the_one_made() -> None:
    state, rule = state_of(seeds=1), Locality(1.0)
    row = state["weight"][0]
    sums = LAYOUT.weight(row[None], 0)[0].abs().sum(1) + LAYOUT.weight(row[None], 1)[0].abs().sum(0)
    top, tried = int(sums.argmax()), []
    for other in range(9):
        shift = torch.zeros(9).double()
        shift[top], shift[other] = other - top, top - other
        one = {**state, SHIFT: state[SHIFT].clone()}
        LAYOUT.bias(one[SHIFT], 0)[0].copy_(shift)
        tried.append(cost(one, rule).item())
    Swaps(top=1).after(state, row[None], Layout(WIDTHS))
    LAYOUT.bias(state[SHIFT], 1).zero_()  # the other layer's swap is another matter
    assert cost(state, rule).item() == pytest.approx(min(tried), rel=1e-12)


def test_swaps_are_only_made_in_time() -> None:
    state = state_of(steps=150)
    state["steps"][1] = 199
    Swaps(every=200).after(state, state["weight"], LAYOUT)
    assert [bool(row.any()) for row in state[SHIFT]] == [False, True, False]


def test_the_kernel_and_pytorchs_path_agree(tmp_path: Path) -> None:
    parts = {"step": Swaps(every=10, top=4), "penalty": Locality(1e-3, between=(20, 40))}
    ours, theirs = run_by_both(tmp_path, (9, 9), 2, stopping=SHORT, **parts)
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            assert a.state.keys() == b.state.keys()
            if a.state:
                assert np.array_equal(a.state[SHIFT], b.state[SHIFT])
                assert a.state[SHIFT].any()


def test_swaps_leave_the_network_as_without_them(tmp_path: Path) -> None:
    """No penalty looks at places here, so nothing may change."""
    with_swaps, without = (
        small_job(tmp_path / str(n), (9, 9), 2, step=step, penalty=L1(1e-4), stopping=SHORT)
        for n, step in enumerate((Swaps(every=5), None))
    )
    run(with_swaps)
    run(without)
    for a, b in zip(tickets(with_swaps, 1), tickets(without, 1), strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a.weights, b.weights, strict=True))


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (Locality, {"strength": 0.0}), (Locality, {"distance": -1.0}), (Locality, {"least": 0.0}),
        (Locality, {"peak": float("nan")}), (Swaps, {"every": 0}), (Swaps, {"top": 0}),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(rule: type, wrong: dict) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name}={value}"):
        rule(**({"strength": 1.0} if rule is Locality else {}) | wrong)


@pytest.mark.parametrize("between", [(5, 4), (-1, 4), (1, 2, 3)])
def test_a_span_that_does_not_rise_is_refused(between: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="between="):
        Locality(1.0, between=between)  # pyright: ignore[reportArgumentType]
