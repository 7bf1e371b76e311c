"""Which neurons and weights of a masked network lie on a way from an input to an output."""

import torch
from torch import Tensor

from lth.method.layout import Layout


def reached(mask: Tensor, layout: Layout) -> list[Tensor]:
    """Which neurons an input reaches, (neurons,) bool layer by layer from the inputs, through one mask (size,)."""
    found = [torch.ones(layout.widths[0], dtype=torch.bool, device=mask.device)]
    for layer in range(layout.depth):
        found.append((layout.weight(mask[None], layer)[0] & found[-1]).any(dim=1))
    return found


def reaching(mask: Tensor, layout: Layout) -> list[Tensor]:
    """Which neurons reach an output, (neurons,) bool layer by layer from the inputs, through one mask (size,)."""
    found = [torch.ones(layout.widths[-1], dtype=torch.bool, device=mask.device)]
    for layer in reversed(range(layout.depth)):
        found.append((layout.weight(mask[None], layer)[0] & found[-1][:, None]).any(dim=0))
    return found[::-1]


def alive(mask: Tensor, layout: Layout) -> Tensor:
    """The mask (size,) without the weights of dead neurons: those that no input reaches or that reach no output."""
    found, starts, ends = mask.clone(), reached(mask, layout), reaching(mask, layout)
    for layer in range(layout.depth):
        weight = layout.weight(found[None], layer)[0]
        weight &= starts[layer] & ends[layer + 1][:, None]
    return found
