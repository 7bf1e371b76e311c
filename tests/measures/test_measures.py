"""Measures of tickets: their properties, their oracles, and the levels that are trained again."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.measures import orders
from lth.measures.connectivity import barrier
from lth.measures.masks import expected_overlap, overlap, sign_agreement
from lth.measures.network import row_of
from lth.measures.robustness import fgsm, pgd
from lth.method.clock.every_epoch import EveryEpoch
from lth.method.effective.freeze import Freeze
from lth.method.effective.targeted_dropout import TargetedDropout
from lth.method.layout import Layout
from lth.method.restart.held_at_zero import HeldAtZero
from lth.method.restart.late import Late
from lth.method.restart.onward import Onward
from lth.method.restart.reset import Reset
from lth.method.restart.restart import Restart
from lth.method.step.noise import Noise
from lth.method.stopping import StoppingRule
from lth.stack.reference import measure_split
from lth.training.job import Job
from lth.training.mlp import initial_rows
from tests.small_jobs import moons_circles, run, small_job, tickets

FAST = partial(torch.optim.Adam, lr=0.02)
Attack = Callable[..., float]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    found = small_job(tmp_path_factory.mktemp("job"), optimizer=FAST, stopping=StoppingRule(20, 20))
    run(found)
    return found


def rows_of(job: Job, level: int = 1) -> list[Tensor]:
    return [row_of(tickets(job, seed)[level]) for seed in job.seeds]


def accuracy(job: Job, row: Tensor) -> float:
    return float(measure_split(Layout(job.widths), row, job.dataset.test, job.dataset.tasks)[1].mean())


def between(job: Job, one: Tensor, other: Tensor) -> float:
    return barrier(Layout(job.widths), one, other, job.dataset.test, job.dataset.tasks)


def test_a_row_is_the_network_that_was_measured(job: Job) -> None:
    for level in range(job.levels + 1):
        for seed, row in zip(job.seeds, rows_of(job, level), strict=True):
            assert accuracy(job, row) == pytest.approx(tickets(job, seed)[level].row["test_accuracy"], abs=0.011)


@pytest.mark.parametrize("restart", [Reset(), HeldAtZero()], ids=repr)
def test_where_pruned_weights_take_part_they_are_where_they_are_held(restart: Restart, tmp_path: Path) -> None:
    job = small_job(tmp_path, effective=Freeze(), restart=restart, optimizer=FAST)
    run(job)
    for ticket in tickets(job, 0):
        row = row_of(ticket)
        assert accuracy(job, row) == pytest.approx(ticket.row["test_accuracy"], abs=0.011)
        held, layout = torch.from_numpy(ticket.state["held"])[None], Layout(job.widths)
        for layer, mask in enumerate(ticket.masks):
            found = layout.weight(row[None], layer)[0].numpy()
            assert np.array_equal(found[mask], ticket.weights[layer][mask])
            assert np.array_equal(found[~mask], layout.weight(held, layer)[0].numpy()[~mask])


def test_no_barrier_to_oneself(job: Job) -> None:
    for row in rows_of(job):
        assert between(job, row, row) == 0


def test_barriers_are_even_and_not_negative(job: Job) -> None:
    one, other, _ = rows_of(job)
    assert between(job, one, other) == pytest.approx(between(job, other, one), abs=1e-6)
    assert between(job, one, other) >= 0


def test_a_barrier_by_hand(job: Job) -> None:
    """Two opposite outputs: half-way the network answers 0, which is one class for all."""
    layout, data = Layout((4, 2)), job.dataset
    row = torch.zeros(layout.size)
    row[0], row[6] = 1.0, 1.0
    errors = [1 - accuracy(replace(job, hidden=()), part) for part in (row, torch.zeros_like(row), -row)]
    expected = max(errors) - (errors[0] + errors[2]) / 2
    assert barrier(layout, row, -row, data.test, data.tasks) == pytest.approx(expected, abs=0.02)


def test_a_permuted_network_is_far_away_along_the_line(job: Job) -> None:
    """The same function with its hidden neurons in another order: a barrier that no accuracy tells of."""
    layout, row = Layout(job.widths), rows_of(job, 0)[0]
    other = row.clone()[None]
    order = torch.arange(16).roll(5)
    for part in (layout.weight(other, 0), layout.bias(other, 0)):
        part.copy_(part[:, order].clone())
    layout.weight(other, 1).copy_(layout.weight(other, 1)[:, :, order].clone())
    assert accuracy(job, other[0]) == pytest.approx(accuracy(job, row), abs=0.011)
    assert between(job, row, other[0]) > 0.05


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_an_attack_that_goes_nowhere_leaves_the_accuracy(attack: Attack, job: Job) -> None:
    for row in rows_of(job):
        found = attack(Layout(job.widths), row, job.dataset.test, job.dataset.tasks, 0.0)
        assert found == pytest.approx(accuracy(job, row), abs=0.011)


def test_attacks_harm_the_more_the_further_they_go_and_pgd_the_most(job: Job) -> None:
    layout, data = Layout(job.widths), job.dataset
    for row in rows_of(job):
        single, many = (
            [attack(layout, row, data.test, data.tasks, radius) for radius in (0.0, 0.1, 0.3, 0.6)]
            for attack in (fgsm, pgd)
        )
        assert many == sorted(many, reverse=True)
        assert many[-1] < many[0] - 0.2
        assert all(twice <= once + 0.02 for once, twice in zip(single, many, strict=True))


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_a_linear_network_falls_to_the_worst_point_of_the_box(attack: Attack) -> None:
    data, layout = moons_circles(n_test=300), Layout((4, 2))
    row = torch.randn(layout.size, generator=torch.Generator().manual_seed(0))
    weight, bias = layout.weight(row[None], 0)[0], layout.bias(row[None], 0)[0]
    x, y = torch.from_numpy(data.test.x), torch.from_numpy(data.test.y)
    first = replace(data.tasks[0], inputs=(0, 1), outputs=(0,), name="one")
    second = replace(data.tasks[1], inputs=(2, 3), outputs=(1,), name="two")
    weight[0, 2:], weight[1, :2] = 0, 0  # what harms one task leaves the other alone
    margin = (x @ weight.T + bias) * (2 * y - 1) - 0.2 * weight.abs().sum(dim=1)
    found = attack(layout, row, data.test, (first, second), 0.2)
    assert found == pytest.approx((margin > 0).float().mean().item(), abs=0.005)


def test_overlap_of_equal_disjoint_and_empty_masks() -> None:
    one = (np.array([[1, 1, 0, 0]], dtype=bool), np.array([[1], [0]], dtype=bool))
    other = tuple(~mask for mask in one)
    assert overlap(one, one) == 1
    assert overlap(one, other) == 0
    assert overlap(one, tuple(mask | True for mask in one)) == 0.5
    empty = tuple(mask & False for mask in one)
    assert overlap(empty, empty) == expected_overlap(empty, empty) == 1
    whole = tuple(mask | True for mask in one)
    assert expected_overlap(whole, whole) == 1


def test_chance_is_what_random_masks_have_in_common() -> None:
    draw = np.random.default_rng(0)
    shapes, counts = ((20, 10), (5, 20)), ((30, 90), (70, 10))

    def masks(which: int) -> tuple[np.ndarray, ...]:
        found = []
        for shape, count in zip(shapes, counts, strict=True):
            flat = np.zeros(shape[0] * shape[1], dtype=bool)
            flat[draw.permutation(flat.size)[: count[which]]] = True
            found.append(flat.reshape(shape))
        return tuple(found)

    drawn = [overlap(masks(0), masks(1)) for _ in range(2000)]
    assert expected_overlap(masks(0), masks(1)) == pytest.approx(np.mean(drawn), abs=0.003)


def test_signs_agree_with_the_anchor_s(job: Job) -> None:
    ticket = tickets(job, 0)[1]
    assert sign_agreement(replace(ticket, weights=ticket.anchors)) == 1
    turned = tuple(-anchor for anchor in ticket.anchors)
    assert sign_agreement(replace(ticket, weights=turned)) == 0
    half = (ticket.anchors[0], *turned[1:])
    counts = [int(mask.sum()) for mask in ticket.masks]
    assert sign_agreement(replace(ticket, weights=half)) == pytest.approx(counts[0] / sum(counts))


VARIANTS = {
    "plain": {},
    "late": {"restart": Late(5)},
    "goes on, with noise": {"restart": Onward(carried=True), "step": Noise(0.1)},
    "targeted dropout": {"effective": TargetedDropout(ramp=20), "biases": True},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_in_the_same_order_a_level_gives_its_bits_again(
    variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it starts where the level started, and the order alone is another."""
    job = small_job(tmp_path, **VARIANTS[variant])
    run(job)
    for part, same in ((0, True), (orders.ANOTHER, False)):
        monkeypatch.setattr(orders, "ANOTHER", part)
        for level in range(job.levels + 1):
            here, before = ([tickets(job, seed)[at] for seed in (0, 2)] for at in (level, max(0, level - 1)))
            found = orders.trained_again(job, here, before if level else None)
            assert found is not None
            for ticket, row in zip(here, found, strict=True):
                assert row is not None
                assert torch.equal(row, row_of(ticket)) == same, level


def test_a_level_of_several_parts_is_not_trained_again(tmp_path: Path) -> None:
    job = small_job(tmp_path, levels=1, clock=EveryEpoch(prunings=2), restart=Onward())
    run(job)
    found = [tickets(job, 0)[level] for level in (0, 1)]
    assert orders.trained_again(job, found[1:], found[:1]) is None


def test_two_orders_of_an_untrained_network_are_connected(tmp_path: Path) -> None:
    """Of one step each from the same start: the line between them is short."""
    few = partial(torch.optim.SGD, lr=1e-4)
    job = small_job(tmp_path, levels=0, optimizer=few, stopping=StoppingRule(1, 1), seeds=(0,))
    run(job)
    (again,) = orders.trained_again(job, [tickets(job, 0)[0]], None) or [None]
    assert again is not None
    assert torch.allclose(again, initial_rows(job.widths, (0,))[0], atol=1e-3)
    assert between(job, row_of(tickets(job, 0)[0]), again) < 0.02
