"""Optimal brain damage: its second derivatives against the whole Hessian, and what a deletion costs."""

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.data.dataset import Dataset, Split, Task
from lth.data.digits import build as digits
from lth.method.criterion.obd import Obd, curvatures
from tests.method.networks import by_lot, stack_of

TASKS = {
    "binary": (Task("a", (0, 1), (0,), "binary"), Task("b", (2,), (1,), "binary")),
    "classes": (Task("a", (0, 1, 2), (0, 1, 2), "classes"),),
    "values": (Task("a", (0, 1), (0, 1), "values"), Task("b", (2,), (2,), "values")),
}


def data(kind: str, samples: int = 24) -> Dataset:
    draw = np.random.default_rng(0)
    outputs = sum(len(task.outputs) for task in TASKS[kind])
    y = draw.normal(size=(samples, outputs))
    if kind == "classes":
        y = np.eye(outputs)[draw.integers(outputs, size=samples)]
    y = y > 0 if kind == "binary" else y
    part = Split(draw.normal(size=(samples, 3)).astype(np.float32), y.astype(np.float32))
    return Dataset(TASKS[kind], part, part, part, "made")


@pytest.mark.parametrize("kind", TASKS)
def test_gauss_newton_is_the_hessians_diagonal(kind: str) -> None:
    """A ReLU network is linear in each weight alone, so nothing but the loss bends."""
    dataset = data(kind)
    widths = (3, 6, 4, dataset.outputs)
    stack = stack_of(by_lot(widths, seeds=1), widths, dataset=dataset)
    row, drawn = stack.whole.state["weight"][0], torch.arange(24)
    hessian = torch.autograd.functional.hessian(lambda at: stack.whole.loss(at, drawn), row)
    assert isinstance(hessian, Tensor)
    found = curvatures(stack.whole, row, drawn, "gauss_newton")
    torch.testing.assert_close(found, hessian.diagonal(), rtol=1e-9, atol=1e-12)
    scores = Obd(samples=24).score(stack)[0]
    torch.testing.assert_close(scores, (found * row.square() / 2)[stack.whole.index], rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", TASKS)
def test_fisher_is_the_mean_square_of_the_gradient(kind: str) -> None:
    dataset = data(kind)
    widths = (3, 6, 4, dataset.outputs)
    stack = stack_of(by_lot(widths, seeds=1), widths, dataset=dataset)
    row = stack.whole.state["weight"][0].clone().requires_grad_()
    each = [torch.autograd.grad(stack.whole.loss(row, torch.tensor([n])), row)[0].square() for n in range(24)]
    found = curvatures(stack.whole, row, torch.arange(24), "fisher")
    torch.testing.assert_close(found, torch.stack(each).mean(dim=0), rtol=1e-9, atol=1e-15)


def test_a_deletion_costs_its_score_on_a_diagonal_quadratic() -> None:
    """One hidden neuron a value, at the minimum: the loss is a sum of parabolas, one for each outgoing weight."""
    x = np.eye(3, dtype=np.float32)
    x = np.concatenate([x, x])
    y = (x * np.array([1.0, -2.0, 0.5], dtype=np.float32)).astype(np.float32)
    part = Split(x, y)
    dataset = Dataset((Task("a", (0, 1, 2), (0, 1, 2), "values"),), part, part, part, "made")
    row = torch.cat([torch.eye(3).flatten(), torch.zeros(3), torch.diag(torch.tensor([1.0, -2.0, 0.5])).flatten(),
                     torch.zeros(3)]).double()[None]  # fmt: skip
    stack, drawn = stack_of(row, (3, 3, 3), dataset=dataset), torch.arange(6)
    assert stack.whole.loss(row[0], drawn).item() == 0
    scores = Obd(samples=6).score(stack)[0]
    for place in (9, 13, 17):
        without = row[0].clone()
        without[stack.whole.index[place]] = 0
        assert scores[place].item() == pytest.approx(stack.whole.loss(without, drawn).item(), rel=1e-9)


def test_many_classes_fit() -> None:
    dataset = digits()
    widths = (64, 12, 10)
    stack = stack_of(by_lot(widths, seeds=1, dtype=torch.float32, scale=0.2), widths, dataset=dataset)
    scores = Obd(samples=100).score(stack)
    assert (scores >= 0).all()
    assert scores.max() > 0


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"curvature": "hessian"}])
def test_bad_settings_are_refused(wrong: dict) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name}={value}"):
        Obd(**wrong)
