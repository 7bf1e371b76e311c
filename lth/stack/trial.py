"""A trial of an optimiser on its own: whether the seeds of a stack may share one."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from math import isfinite

import torch
from torch import Tensor
from torch.optim import Optimizer

from lth.stack.optimizers import KNOWN

SIZE = 64  # a multiple of every SIMD width in use: equal bits whatever lies beside
PRUNED = 16
STEPS = 3
# Values and gradients of the seed beside: whatever couples the two would show.
LARGE = 1e6
TINY = 1e-12  # an epsilon below may be 0 in float32, and nothing over nothing is no number
# Options that the known optimisers check themselves, and that couple no values whatever they are.
CHECKED = {"lr", "betas", "eps", "weight_decay", "decoupled_weight_decay", "momentum", "dampening", "nesterov", "fused"}


def needs_none(make: partial[Optimizer]) -> bool:
    """Whether no trial is needed: a known optimiser, whose options are numbers that it checks itself."""
    options = dict(make.keywords)
    betas = options.get("betas", [0.9, 0.999])
    if make.func not in KNOWN or not options.keys() <= CHECKED or not isinstance(betas, list) or len(betas) != 2:
        return False
    numbers = [*(value for name, value in options.items() if name != "betas"), *betas]
    return all(isinstance(one, int | float) and isfinite(one) for one in numbers) and options.get("eps", TINY) >= TINY


def check_options(make: Callable[..., Optimizer]) -> None:
    """Have an optimiser check its options, which a known one does before it asks for parameters, and build none.

    Building one imports PyTorch's compiler, which takes as long as all else that a start does.
    """

    def parameters() -> Iterator[Tensor]:
        raise _AskedForParameters
        yield

    with suppress(_AskedForParameters):
        make(parameters())


class _AskedForParameters(Exception):  # noqa: N818  nothing is wrong then
    pass


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
