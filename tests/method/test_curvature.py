"""Optimal brain damage: its second derivatives against the whole Hessian, and what a deletion costs."""

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.data.dataset import Dataset, Split, Task
from lth.data.digits import build as digits
from lth.method.criterion.curvature import curvature_roots, curvatures
from lth.method.criterion.obd import Obd
from lth.method.criterion.obs import Obs
from lth.method.restart.restart import Pruned
from lth.method.restart.surgeon import Surgeon
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


@pytest.mark.parametrize("curvature", ["gauss_newton", "fisher"])
def test_the_whole_curvature_has_that_diagonal(curvature: str) -> None:
    dataset = data("classes")
    stack = stack_of(by_lot((3, 5, 3), seeds=1), (3, 5, 3), dataset=dataset)
    row, drawn = stack.whole.state["weight"][0], torch.arange(24)
    roots = curvature_roots(stack.whole, row, drawn, curvature)
    torch.testing.assert_close(roots.square().sum(dim=0), curvatures(stack.whole, row, drawn, curvature))


def test_surgery_costs_its_score_on_a_quadratic() -> None:
    """The loss of one layer of values is a parabola; from its minimum, removing a weight costs exactly what is said."""
    dataset = data("values", samples=40)
    x = np.concatenate([dataset.train.x, np.ones((40, 1))], axis=1).astype(float)
    best = np.linalg.lstsq(x, dataset.train.y.astype(float), rcond=None)[0].T
    row = torch.from_numpy(np.concatenate([best[:, :3].flatten(), best[:, 3]]))[None]
    stack, drawn = stack_of(row, (3, 3), dataset=dataset), torch.arange(40)
    scores = Obs(samples=40, damping=1e-12).score(stack)[0]
    least = stack.whole.loss(row[0], drawn)
    for place in (0, 4, 8):
        mask = torch.ones_like(row, dtype=torch.bool)
        mask[0, place] = False
        pruned = Pruned(row, row, mask, stack.whole.layout, (0,), 1, lambda: row, network=stack.whole)
        moved = Surgeon(samples=40, damping=1e-12).restart(pruned) * mask
        risen = stack.whole.loss(moved[0], drawn) - least
        assert risen.item() == pytest.approx(scores[place].item(), rel=1e-6)
        assert risen < stack.whole.loss(row[0] * mask[0], drawn) - least


def test_surgery_of_one_weight_is_as_published() -> None:
    stack = stack_of(by_lot((3, 5, 3), seeds=1), (3, 5, 3), dataset=data("classes"))
    row, mask = stack.whole.state["weight"], torch.ones(1, 38, dtype=torch.bool)
    mask[0, 2] = False
    moved = Surgeon(samples=24, damping=0.01).restart(
        Pruned(row, row, mask, stack.whole.layout, (0,), 1, lambda: row, network=stack.whole)
    )
    roots = curvature_roots(stack.whole, row[0], torch.arange(24), "gauss_newton")
    inverse = torch.linalg.inv(roots.T @ roots + 0.01 * torch.eye(38, dtype=torch.float64))
    published = row[0] - row[0, 2] / inverse[2, 2] * inverse[:, 2]
    torch.testing.assert_close((moved * mask)[0], published * mask[0], rtol=1e-8, atol=1e-10)


def test_many_classes_fit() -> None:
    dataset = digits()
    widths = (64, 12, 10)
    stack = stack_of(by_lot(widths, seeds=1, dtype=torch.float32, scale=0.2), widths, dataset=dataset)
    scores = Obd(samples=100).score(stack)
    assert (scores >= 0).all()
    assert scores.max() > 0


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (Obd, {"samples": 0}), (Obd, {"curvature": "hessian"}), (Obs, {"samples": 0}), (Obs, {"damping": 0.0}),
        (Surgeon, {"samples": 0}), (Surgeon, {"damping": -1.0}),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(rule: type, wrong: dict) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name}={value}"):
        rule(**wrong)
