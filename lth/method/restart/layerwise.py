"""What restarts do within a layer."""

import torch
from torch import Tensor

from lth.method.restart.restart import Pruned
from lth.randomness import generator


def drawn_order(stack: Pruned, layer: int) -> Tensor:
    """A random order (R, out · in) of a layer's weights, each seed's keyed by its seed and level alone."""
    size = stack.layout.weight(stack.anchor, layer)[0].numel()
    drawn = [torch.randperm(size, generator=generator(s, f"order {layer}", stack.level)) for s in stack.seeds]
    return torch.stack(drawn).to(stack.anchor.device)


def rescaled(values: Tensor, mask: Tensor) -> Tensor:
    """A layer's values (R, out, in) times its size over what is unpruned; nothing where nothing is."""
    left = mask.flatten(1).sum(dim=1).clamp(min=1)
    return values * (mask[0].numel() / left).to(values.dtype)[:, None, None]
