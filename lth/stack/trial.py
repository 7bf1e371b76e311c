"""A trial of an optimiser on its own: whether the seeds of a stack may share one."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim import Optimizer

SIZE = 64  # a multiple of every SIMD width in use: equal bits whatever lies beside
PRUNED = 16
STEPS = 3
# Values and gradients of the seed beside: whatever couples the two would show.
LARGE = 1e6


def check_optimizer(make: Callable[[list[Tensor]], Optimizer], on_gpu: bool = False) -> None:
    """Raise ValueError unless the optimiser treats every value of a tensor alone and leaves pruned weights at 0.

    What it says itself against a step (that it needs a closure, or sparse gradients) comes out as it is. `on_gpu`
    leaves out the option `capturable`, which a CPU does not have.
    """
    alone, beside = _stepped(make, 1, on_gpu), _stepped(make, 2, on_gpu)
    if not bool((alone[-PRUNED:] == 0).all()):
        raise ValueError("moves weights of 0 without gradient, as pruned ones are; must leave them where they are")
    if not torch.allclose(alone, beside[:SIZE], rtol=0, atol=0, equal_nan=True):
        raise ValueError(
            "changes a value by what else is in its tensor, or by lot, so that a seed would depend on the seeds beside "
            "it; must treat every value alone, as torch.optim.Adam does"
        )


def _stepped(make: Callable[[list[Tensor]], Optimizer], seeds: int, on_gpu: bool) -> Tensor:
    """The values (seeds x SIZE,) after a few steps; those of the first seed start alike whatever `seeds` is."""
    random = torch.Generator().manual_seed(0)
    scales = torch.tensor([1.0, LARGE])[:seeds, None]
    parameter = torch.nn.Parameter(_drawn(scales, random))
    optimizer = make([parameter])
    for group in optimizer.param_groups if on_gpu else ():
        group |= {"capturable": False} if "capturable" in group else {}
    for _ in range(STEPS):
        parameter.grad = _drawn(scales, random)
        optimizer.step()
    _check_state(optimizer, parameter)
    return parameter.detach()


def _drawn(scales: Tensor, random: torch.Generator) -> Tensor:
    values = torch.randn(2, SIZE, generator=random)[: len(scales)] * scales
    values[:, -PRUNED:] = 0
    return values.flatten()


def _check_state(optimizer: Optimizer, parameter: Tensor) -> None:
    """What an optimiser remembers must be told apart by seeds, or be the same for all of them."""
    for name, value in optimizer.state[parameter].items():
        known = value is None or isinstance(value, int | float)
        if isinstance(value, Tensor):
            known = value.shape == parameter.shape or value.numel() == 1
        if not known:
            raise ValueError(f"remembers {name}, which has no part for each seed; must have the shape of its tensor")
