"""Criteria that need no training: SNIP, SNIP-it, GraSP and SynFlow, against their definitions."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.method.clock.every_epoch import EveryEpoch
from lth.method.criterion.examples import balanced, examples
from lth.method.criterion.grasp import Grasp
from lth.method.criterion.snip import Snip
from lth.method.criterion.synflow import Synflow
from lth.method.layout import Layout
from lth.method.prune import prune
from lth.training.messages import Warned
from tests.method.networks import by_lot, stack_of
from tests.small_jobs import moons_circles, run, small_job

WIDTHS = (4, 7, 5, 2)


def half_masked(weight: Tensor, widths: tuple[int, ...]) -> Tensor:
    draw = torch.Generator().manual_seed(3)
    weights = Layout(widths).is_weight(weight.shape[1])
    return (torch.rand(weight.shape, generator=draw) < 0.7) | ~weights


def test_snip_is_the_slope_of_the_loss_by_a_factor_on_each_weight() -> None:
    weight = by_lot(WIDTHS)
    stack = stack_of(weight, WIDTHS, half_masked(weight, WIDTHS))
    scores, network = Snip(samples=50).score(stack), stack.whole
    for place, seed in enumerate(stack.seeds):
        factors = torch.ones(weight.shape[1], dtype=torch.float64, requires_grad=True)
        loss = network.loss(factors * network.state["weight"][place], balanced(network.dataset, seed, 0, 50))
        (slope,) = torch.autograd.grad(loss, factors)
        torch.testing.assert_close(scores[place], slope.abs()[network.index], rtol=1e-12, atol=0)
        assert (scores[place][~stack.mask[place]] == 0).all()


@pytest.mark.parametrize("count", [4, 100, 37, 399])
def test_samples_are_of_every_class_as_many(count: int) -> None:
    """Two tasks of two classes each have four answers between them."""
    whole = moons_circles(n_train=400)
    drawn = balanced(whole, 3, 1, count)
    assert drawn.unique().tolist() == sorted(drawn.tolist())
    assert len(drawn) == count
    every, left = (np.unique(whole.train.y[which], axis=0, return_counts=True)[1] for which in (slice(None), drawn))
    assert len(every) == len(left) == 4
    full = min(every.min(), count // 4)
    assert left.min() >= full
    assert left.max() <= full + 1 or count > 4 * every.min()
    assert not torch.equal(drawn, balanced(whole, 4, 1, count))


def test_a_rare_class_is_there_as_far_as_it_goes() -> None:
    part = moons_circles(n_train=200)
    y = part.train.y.copy()
    y[:] = y[0]
    y[7] = y[-3] = -y[0]
    part = replace(part, train=replace(part.train, y=y))
    drawn = balanced(part, 0, 0, 20)
    assert {7, 197} <= set(drawn.tolist())
    assert len(drawn) == 20


def test_where_all_answers_differ_samples_are_drawn_by_lot() -> None:
    part = moons_circles(n_train=50)
    y = np.arange(100.0, dtype=part.train.y.dtype).reshape(50, 2)
    part = replace(part, train=replace(part.train, y=y))
    assert torch.equal(balanced(part, 5, 2, 20), examples(part, 5, 2, 20))


def test_snip_it_falls_as_published_and_without_steps_is_snip() -> None:
    left = Snip(steps=6).keeps(10_000, 200)
    assert [1 - keep / 10_000 for keep in left] == pytest.approx([0.5, 0.74, 0.86, 0.92, 0.95, 0.965, 0.98])
    assert Snip(steps=0).keeps(10_000, 200) == (200,)
    assert Snip(steps=6).keeps(100, 60) == (60,), "more than half stay: there is no half on the way"
    assert Snip(steps=40).keeps(100, 3)[-1] == 3


def test_snip_it_within_training_falls_alike() -> None:
    keeps = (10_000, 5000, 2000, 1000, 800, 500, 300, 200)
    segments = EveryEpoch(every=4, shape="halving").segments(keeps)
    assert [segment.keep for segment in segments] == [10_000, *Snip(steps=6).keeps(10_000, 200)]
    assert [segment.epochs for segment in segments] == [4] * 7 + [None]
    with pytest.raises(ValueError, match="level 2 would keep 28 of 28"):
        EveryEpoch(shape="halving").segments((30, 29, 28))


def test_grasp_is_the_slope_of_the_gradients_square() -> None:
    weight = by_lot(WIDTHS)
    stack = stack_of(weight, WIDTHS, half_masked(weight, WIDTHS))
    scores, network = Grasp(samples=50, temperature=3.0).score(stack), stack.whole
    for place, seed in enumerate(stack.seeds):
        drawn, mask = balanced(network.dataset, seed, 0, 50), network.state["mask"][place]

        def flow(factors: Tensor, place: int = place, drawn: Tensor = drawn, mask: Tensor = mask) -> Tensor:
            row = network.state["weight"][place].clone().index_put((network.index,), factors)
            row = row if row.requires_grad else row.requires_grad_()
            loss = network.loss(row, drawn, 3.0)
            (gradient,) = torch.autograd.grad(loss, row, create_graph=True)
            return (gradient * mask)[network.index].square().sum() / 2

        trained = stack.trained[place]
        grown = torch.ones((), dtype=torch.float64, requires_grad=True)
        (total,) = torch.autograd.grad(flow(grown * trained), grown)
        torch.testing.assert_close(scores[place].sum(), total, rtol=1e-9, atol=0)
        for weight_at in (0, 11, 40):
            step = torch.zeros_like(trained)
            step[weight_at] = 1e-6
            rise = (flow(trained + step) - flow(trained - step)) / 2e-6
            torch.testing.assert_close(scores[place][weight_at], trained[weight_at] * rise, rtol=1e-4, atol=1e-12)


def test_grasp_removes_the_weights_that_hold_the_flow_back() -> None:
    """The largest −w·Hg goes first: without it the square of the gradient rises, to first order, the most."""
    stack = stack_of(by_lot(WIDTHS, scale=0.3), WIDTHS)
    scores = Grasp().score(stack)
    gone = ~prune(scores, stack.mask, 60)
    assert (-scores[gone].view(2, -1)).amin(dim=1).gt((-scores).masked_fill(gone, -torch.inf).amax(dim=1)).all()


@pytest.mark.parametrize("widths", [(4, 9, 2), (4, 7, 5, 2), (3, 6, 6, 6, 4)])
def test_every_layers_flows_sum_to_the_whole(widths: tuple[int, ...]) -> None:
    weight = by_lot(widths)
    stack = stack_of(weight, widths, half_masked(weight, widths))
    scores, layout = Synflow().score(stack), stack.whole.layout
    for place in range(2):
        row = stack.whole.state["weight"][place].abs().requires_grad_()
        flow = torch.ones(widths[0], dtype=torch.float64)
        for layer in range(layout.depth):
            flow = layout.weight(row[None], layer)[0] @ flow
        (slope,) = torch.autograd.grad(flow.sum(), row)
        torch.testing.assert_close(scores[place], (row * slope).detach()[stack.whole.index], rtol=1e-12, atol=0)
        for block in scores[place].split(list(stack.sizes)):
            torch.testing.assert_close(block.sum(), flow.sum().detach(), rtol=1e-12, atol=0)


def test_synflow_leaves_a_path_at_the_smallest_budget() -> None:
    widths = (4, 12, 12, 2)
    weight = by_lot(widths, seeds=4)
    mask, rule = torch.ones_like(weight, dtype=torch.bool), Synflow()
    index = Layout(widths).prunable(biases=False)
    for keep in rule.keeps(len(index), 3):
        stack = stack_of(weight, widths, mask, keep=keep)
        mask[:, index] = prune(rule.score(stack), stack.mask, keep)
    assert mask[:, index].sum(dim=1).tolist() == [3] * 4
    assert (rule.score(stack_of(weight, widths, mask)).gt(0).sum(dim=1) == 3).all(), "a layer collapsed"


def test_synflow_needs_no_data_and_ignores_biases_and_signs() -> None:
    weight = by_lot(WIDTHS)
    biases = ~Layout(WIDTHS).is_weight(weight.shape[1])
    other = torch.where(biases, 7.0, -weight)
    assert torch.equal(Synflow().score(stack_of(weight, WIDTHS)), Synflow().score(stack_of(other, WIDTHS)))


def test_a_gradient_that_vanishes_everywhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything is zero, so is every slope by a factor on it."""
    monkeypatch.setattr("lth.training.train.initial_rows", lambda widths, seeds, *_, **__: _zeros(widths, seeds))
    job = small_job(tmp_path, levels=2, criterion=Snip())
    warnings = [message.text for message in run(job) if isinstance(message, Warned)]
    assert len(warnings) == 6
    for seed, level in ((seed, level) for level in (1, 2) for seed in job.seeds):
        assert any(f"seed {seed}, pruning to level {level}: all scores of Snip are equal" in text for text in warnings)


def test_a_gradient_that_does_not_is_not(tmp_path: Path) -> None:
    assert not [
        message for message in run(small_job(tmp_path, levels=2, criterion=Snip())) if isinstance(message, Warned)
    ]


def _zeros(widths: tuple[int, ...], seeds: tuple[int, ...]) -> Tensor:
    return torch.zeros(len(seeds), Layout(widths).size)


def test_keeps_fall() -> None:
    for rule in (Snip(steps=6), Synflow()):
        assert all(after < before for before, after in pairwise((3591, *rule.keeps(3591, 112))))


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (Snip, {"samples": 0}), (Snip, {"steps": -1}), (Grasp, {"samples": 0}), (Grasp, {"temperature": 0.0}),
        (Grasp, {"temperature": float("nan")}), (Synflow, {"rounds": 0}),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(rule: type, wrong: dict) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name}={value}"):
        rule(**wrong)
