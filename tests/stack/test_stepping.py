"""The short way to the optimiser's step says what the optimiser says, bit for bit."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

from lth.stack.stepping import stepper

MAKERS = {
    "adam": partial(Adam, lr=1e-2, fused=True),
    "adam with betas": partial(Adam, lr=1e-2, betas=(0.7, 0.9), eps=1e-3, weight_decay=0.3, fused=True),
    "adamw": partial(AdamW, lr=1e-2, weight_decay=0.3, fused=True),
    "adam with decoupled decay": partial(Adam, lr=1e-2, weight_decay=0.3, decoupled_weight_decay=True, fused=True),
    "amsgrad": partial(Adam, lr=1e-2, amsgrad=True, fused=True),
    "maximize": partial(Adam, lr=1e-2, maximize=True, fused=True),
    "not fused": partial(Adam, lr=1e-2),
    "sgd": partial(SGD, lr=1e-2, momentum=0.9, fused=True),
}


@pytest.mark.parametrize("name", MAKERS)
def test_steps_are_the_optimisers(name: str) -> None:
    make: Callable[[list[torch.Tensor]], Optimizer] = MAKERS[name]
    random = torch.Generator().manual_seed(1)
    start = torch.randn(96, generator=random)
    ours, theirs = torch.nn.Parameter(start.clone()), torch.nn.Parameter(start.clone())
    ours.grad, theirs.grad = torch.randn(96, generator=random), None
    theirs.grad = ours.grad.clone()
    optimizers = make([ours]), make([theirs])
    for optimizer in optimizers:
        optimizer.step()
    step = stepper(optimizers[0])
    for _ in range(5):
        gradient = torch.randn(96, generator=random)
        ours.grad.copy_(gradient)
        theirs.grad.copy_(gradient)
        step()
        optimizers[1].step()
        assert torch.equal(ours, theirs)
    assert not torch.equal(ours, start)
    for key, value in optimizers[0].state[ours].items():
        assert value is None or torch.equal(value, optimizers[1].state[theirs][key]), key
