"""What the laboratory must know of an optimiser: the kernel's options of it, and whether weights may rest under it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

from lth.stack.kernel.binding import Options

Factory = Callable[[list[Tensor]], Optimizer]
KNOWN = (SGD, Adam, AdamW)  # to the kernel; each of them treats every value of a tensor alone
# What each rule of the kernel remembers of every parameter, in its order and by PyTorch's names.
_MOMENTS = {0: ("momentum_buffer",), 1: ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")}


def options_of(make: Factory) -> Options | None:
    """The kernel's options of an optimiser, None for one that it does not know."""
    optimizer = make([torch.nn.Parameter(torch.ones(1))])
    if len(optimizer.param_groups) != 1 or type(optimizer) not in KNOWN:
        return None
    group = optimizer.param_groups[0]
    if type(optimizer) is SGD:
        numbers = _numbers(group, "lr", "weight_decay", "momentum", "dampening")
        return Options(rule=0, nesterov=group["nesterov"], maximize=group["maximize"], **numbers)
    beta1, beta2 = (float(beta) for beta in group["betas"])
    return Options(
        rule=1, decoupled=bool(group.get("decoupled_weight_decay", type(optimizer) is AdamW)),
        maximize=group["maximize"], amsgrad=group["amsgrad"], beta1=beta1, beta2=beta2,
        **_numbers(group, "lr", "weight_decay", "eps"),
    )  # fmt: skip


def moments_of(options: Options) -> tuple[str, ...]:
    """The names of what an optimiser of these options remembers of every parameter."""
    names = _MOMENTS[options.rule]
    if options.rule == 0:
        return names if options.momentum else ()
    return names if options.amsgrad else names[:2]


def still(make: Factory, carried: bool) -> bool:
    """Whether the optimiser leaves a weight without gradient where it is; found by asking it several times.

    `carried`: it does not start afresh, so that the weight may have had a gradient before.
    """
    # In float64, whatever trains: a decay that rounds away in one step of float32 adds up in a momentum.
    probe = torch.nn.Parameter(torch.ones(32, dtype=torch.float64))
    optimizer = make([probe])
    if carried:
        probe.grad = torch.ones_like(probe)
        optimizer.step()
    before = probe.detach().clone()
    for _ in range(20):
        probe.grad = torch.zeros_like(probe)
        optimizer.step()
    return bool((probe == before).all())


def replayable(optimizer: Optimizer) -> bool:
    """Whether a recorded step, replayed, is the next step: others count their steps on the host."""
    group = optimizer.param_groups[0]
    adam = type(optimizer) in (Adam, AdamW) and group["fused"]
    return type(optimizer) is SGD or adam or all(group.get("capturable", False) for group in optimizer.param_groups)


def _numbers(group: dict[str, Any], *names: str) -> dict[str, float]:
    return {name: float(group[name].item() if isinstance(group[name], Tensor) else group[name]) for name in names}
