"""The approximate L0 whose limit falls, and its literal reading."""

import pytest
import torch
from torch import Tensor

from lth.method.layout import Layout
from lth.method.penalty.annealed import Annealed
from lth.method.penalty.capped import Capped
from lth.method.penalty.excess_misread import ExcessMisread
from tests.method.test_penalties import draw, everywhere, term, value_and_gradient


def raw_of(weights: Tensor, steps: int) -> dict[str, Tensor]:
    return {"weight": weights, "anchor": weights.detach(), "steps": torch.full((len(weights),), steps)}


@pytest.mark.parametrize("q", [1, 2])
def test_it_starts_as_a_norm_and_ends_as_a_count(q: int) -> None:
    weights, mask = draw(3, 500)
    rule = Annealed(1.0, limit=1e-4, steps=100, q=q)
    start, *between, end = (rule.penalty(raw_of(weights, t), mask, Layout((1, 1))) for t in (0, 25, 50, 75, 100))
    largest = weights.abs().amax(dim=1)
    assert torch.allclose(start, (weights.abs() ** q).sum(dim=1) / largest**q)
    assert torch.allclose(end, mask.sum(dim=1).double(), rtol=0.01)
    for earlier, later in zip([start, *between], [*between, end], strict=True):
        assert (earlier < later).all(), "it rises as the limit falls: learned, the limit would grow without bound"


def test_the_limit_falls_geometrically_and_stays() -> None:
    weights, mask = draw(2, 50)
    rule = Annealed(1.0, limit=0.01, steps=200, q=1)
    first, half, last, later = (rule.limits(raw_of(weights, t), mask) for t in (0, 100, 200, 10_000))
    assert torch.equal(first, weights.abs().amax(dim=1))
    assert torch.allclose(half, (first * 0.01).sqrt())
    assert torch.allclose(last, torch.tensor(0.01).double())
    assert torch.equal(last, later)


def test_once_down_it_is_the_capped_penalty() -> None:
    weights, mask = draw(2, 50)
    annealed = Annealed(1.0, limit=0.05, steps=10, q=2).penalty(raw_of(weights, 10), mask, Layout((1, 1)))
    assert torch.allclose(annealed, term(Capped(1.0, 0.05, 2), weights, mask))


def test_large_weights_are_let_go() -> None:
    weights, mask = draw(2, 200)
    rule, leaf = Annealed(1.0, limit=0.05, steps=10, q=1), weights.clone().requires_grad_()
    value = rule.penalty({**raw_of(weights, 10), "weight": leaf}, mask, Layout((1, 1)))
    (gradient,) = torch.autograd.grad(value.sum(), leaf)
    beyond = weights.abs() > 0.05
    assert not gradient[beyond].any()
    assert torch.allclose(gradient[~beyond & mask], weights.sign()[~beyond & mask] / 0.05)


def test_where_every_weight_is_below_the_limit_it_stays_there() -> None:
    weights = torch.full((1, 64), 0.001)
    limits = Annealed(1.0, limit=0.05, steps=10, q=1).limits(raw_of(weights, 0), everywhere(weights))
    assert limits.item() == pytest.approx(0.05)


def test_misread_it_pulls_every_weight_to_the_limit() -> None:
    weights, _ = draw(2, 100)
    rule = ExcessMisread(0.5, limit=0.1)
    value, pull = value_and_gradient(rule, weights)
    parts = (weights - 0.1).relu() + (0.1 - weights).relu()
    assert torch.allclose(value, 0.5 * parts.sum(dim=1))
    assert torch.equal(pull, 0.5 * (weights - 0.1).sign())
    zero = torch.zeros_like(weights)
    assert (value_and_gradient(rule, zero)[1] < 0).all(), "it pushes weights away from 0"
    assert (term(rule, zero, everywhere(zero)) > term(rule, zero + 0.1, everywhere(zero))).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"strength": 0.0}, "strength=0.0"), ({"limit": float("inf")}, "limit=inf"),
        ({"steps": 0}, "steps=0"), ({"q": 3}, "q=3: must be 1 or 2"),
    ],
)  # fmt: skip
def test_ranges(wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Annealed(**{"strength": 1.0, "limit": 0.1, "steps": 5, "q": 1} | wrong)
    if "strength" in wrong:
        with pytest.raises(ValueError, match=said):
            ExcessMisread(**{"strength": 1.0, "limit": 0.1} | wrong)
