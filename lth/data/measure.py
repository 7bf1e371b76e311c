"""Loss and accuracy of every seed of a stack in every task, from the logits."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import torch
from torch import Tensor
from torch.nn import functional

from lth.data.dataset import Kind, Task

# Vectorised loops of PyTorch take up to 32 elements at once and leave the rest to scalar code that rounds differently.
_SAMPLES = 64


def losses(logits: Tensor, y: Tensor, tasks: Sequence[Task]) -> Tensor:
    """Mean loss of every seed in every task, (R, T), in the logits' type; differentiable.

    `logits` is (R, outputs, N); `y` is (outputs, N), or (R, outputs, N) where each seed has its own samples. Binary
    cross-entropy for `binary`, cross-entropy for `classes`, squared error averaged over the task's outputs for
    `values`. With one thread a seed's loss and gradient are the same bits whatever R is. Raises ValueError for shapes
    that do not fit.
    """
    _check(logits, y, tasks)
    samples = logits.shape[-1]
    spare = -samples % _SAMPLES
    if spare:
        logits, y = functional.pad(logits, (0, spare)), functional.pad(y, (0, spare))
    return _per_task(_LOSSES, logits, y, tasks)[..., :samples].mean(-1)


@torch.no_grad()
def accuracy(logits: Tensor, y: Tensor, tasks: Sequence[Task]) -> Tensor:
    """Share of right answers of every seed in every task, (R, T) float64; for `values` R squared, mean over outputs.

    Shapes and errors as in `losses`. A binary answer is 1 where its logit is above 0, a class the first largest logit;
    R squared of targets that do not vary is 1 where the answer is exact, else 0 (as in scikit-learn).
    """
    _check(logits, y, tasks)
    return _per_task(_ACCURACIES, logits, y, tasks)


def _check(logits: Tensor, y: Tensor, tasks: Sequence[Task]) -> None:
    outputs = sum(len(task.outputs) for task in tasks)
    if logits.ndim != 3 or logits.shape[1] != outputs or logits.shape[2] == 0:
        raise ValueError(f"logits are (seeds, {outputs} outputs, samples), not {tuple(logits.shape)}")
    if y.shape != logits.shape and y.shape != logits.shape[1:]:
        raise ValueError(f"y is {tuple(logits.shape[1:])} or {tuple(logits.shape)}, not {tuple(y.shape)}")


_Measure = Callable[[Tensor, Tensor], Tensor]  # logits (R, t, width, N) and y (R or 1, t, width, N) -> (R, t, ...)


def _per_task(measures: dict[Kind, _Measure], logits: Tensor, y: Tensor, tasks: Sequence[Task]) -> Tensor:
    """Every task's measure, joined along the tasks: (R, T, ...)."""
    y = y.to(logits.dtype).reshape(-1, *logits.shape[1:])
    found = [
        measures[kind](logits[:, block].unflatten(1, (count, -1)), y[:, block].unflatten(1, (count, -1)))
        for kind, block, count in _alike(tasks)
    ]
    return found[0] if len(found) == 1 else torch.cat(found, dim=1)


def _alike(tasks: Sequence[Task]) -> Iterator[tuple[Kind, slice, int]]:
    """Neighbouring tasks of equal kind and width go through one call: their kind, their outputs, how many they are."""
    for (kind, width), group in groupby(tasks, key=lambda task: (task.kind, len(task.outputs))):
        members = list(group)
        start = members[0].outputs[0]
        yield kind, slice(start, start + width * len(members)), len(members)


def _binary_loss(logits: Tensor, y: Tensor) -> Tensor:
    each = functional.binary_cross_entropy_with_logits(logits, y.expand_as(logits), reduction="none")
    return each.squeeze(-2)


def _classes_loss(logits: Tensor, y: Tensor) -> Tensor:
    return -(functional.log_softmax(logits, dim=-2) * y).sum(-2)


def _values_loss(logits: Tensor, y: Tensor) -> Tensor:
    return (logits - y).square().mean(-2)


def _binary_accuracy(logits: Tensor, y: Tensor) -> Tensor:
    return _share((logits > 0) == (y > 0.5)).squeeze(-1)


def _classes_accuracy(logits: Tensor, y: Tensor) -> Tensor:
    return _share(logits.argmax(-2) == y.argmax(-2))


def _values_accuracy(logits: Tensor, y: Tensor) -> Tensor:
    logits, y = logits.double(), y.double()
    missed = (logits - y).square().mean(-1)
    spread = (y - y.mean(-1, keepdim=True)).square().mean(-1)
    exact = (missed == 0).to(logits.dtype)
    return torch.where(spread > 0, 1 - missed / spread, exact).mean(-1)


def _share(right: Tensor) -> Tensor:
    # In float64 whatever trains: the record holds the quotient itself.
    return right.sum(-1).double() / right.shape[-1]


_LOSSES: dict[Kind, _Measure] = {"binary": _binary_loss, "classes": _classes_loss, "values": _values_loss}
_ACCURACIES: dict[Kind, _Measure] = {
    "binary": _binary_accuracy,
    "classes": _classes_accuracy,
    "values": _values_accuracy,
}
