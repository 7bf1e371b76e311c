"""How accurate a network stays when its inputs are moved against it."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lth.data import measure
from lth.data.dataset import Split, Task
from lth.method.forward import forward
from lth.method.layout import Layout

STEPS = 10
STRIDE = 2.5  # a step is so many times radius / STEPS, so that a sample can turn back on its way


def fgsm(layout: Layout, row: Tensor, split: Split, tasks: Sequence[Task], radius: float) -> float:
    """Accuracy at x + radius · sign(∂L/∂x), the mean over the tasks; x are standardised inputs.

    Source: Goodfellow et al., Explaining and Harnessing Adversarial Examples, 2015.
    """
    x, y = _samples(split, row)
    return _accuracy(layout, row, x + radius * _uphill(layout, row, x, y, tasks), y, tasks)


def pgd(layout: Layout, row: Tensor, split: Split, tasks: Sequence[Task], radius: float) -> float:
    """Accuracy after 10 steps uphill, each brought back to within `radius` of every input; the mean over the tasks.

    Source: Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks, 2018.
    """
    x, y = _samples(split, row)
    moved = x
    for _ in range(STEPS):
        further = moved + STRIDE * radius / STEPS * _uphill(layout, row, moved, y, tasks)
        moved = torch.clamp(further, x - radius, x + radius)
    return _accuracy(layout, row, moved, y, tasks)


def _samples(split: Split, row: Tensor) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(split.x).to(row.dtype), torch.from_numpy(split.y).to(row.dtype)


def _uphill(layout: Layout, row: Tensor, x: Tensor, y: Tensor, tasks: Sequence[Task]) -> Tensor:
    """The sign of each sample's gradient by its inputs."""
    x = x.clone().requires_grad_()
    loss = measure.losses(forward(layout, row[None], x[None]), y.T, tasks).mean()
    (gradient,) = torch.autograd.grad(loss, x)
    return gradient.sign()


@torch.no_grad()
def _accuracy(layout: Layout, row: Tensor, x: Tensor, y: Tensor, tasks: Sequence[Task]) -> float:
    return float(measure.accuracy(forward(layout, row[None], x[None]), y.T, tasks).mean())
