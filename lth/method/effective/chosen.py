"""What maps that choose among frozen weights have in common: the weights themselves, and which are chosen."""

from collections.abc import Mapping

import torch
from torch import Tensor

from lth.method.clock.search import Search
from lth.method.fit import Fit
from lth.method.layout import Layout


def frozen(weight: Tensor, anchor: Tensor, layout: Layout, signed: bool) -> Tensor:
    """The weights (R, W) to choose from; where `signed`, sign(w)·σ with σ the deviation of the layer's anchor."""
    if not signed:
        return weight
    found = weight.clone()
    for row, start in zip(found, anchor, strict=True):
        for layer in range(layout.depth):
            block = layout.weight(row[None], layer)
            block.copy_(block.sign() * layout.weight(start[None], layer).std())
    return found


def highest(scores: Tensor, mask: Tensor, goal: Tensor, layout: Layout) -> Tensor:
    """Which weights (R, W) bool have their layer's highest scores: of all the unpruned as many as the goal (R,).

    Every layer gives the same share of its own, rounded. Among equal scores the later position is in.
    """
    chosen = mask.clone()
    left = mask[:, layout.prunable(biases=False).to(mask.device)].sum(dim=1)
    share = (goal.double() / left.clamp(min=1)).clamp(max=1)
    for layer in range(layout.depth):
        unpruned = layout.weight(mask, layer).flatten(1)
        ranked = torch.where(unpruned, layout.weight(scores, layer).flatten(1), -torch.inf)
        order = torch.sort(ranked, dim=1, stable=True).indices
        keep = (share * unpruned.sum(dim=1)).round().clamp(min=1)
        places = torch.arange(order.shape[1], device=order.device).expand_as(order)
        above = places >= order.shape[1] - keep[:, None]
        found = torch.zeros_like(unpruned).scatter(1, order, above) & unpruned
        layout.weight(chosen, layer).copy_(found.view_as(layout.weight(chosen, layer)))
    return chosen


def rescaled(weights: Tensor, gates: Tensor, layout: Layout) -> Tensor:
    """The weights (R, W), each layer's times its size over how many of its gates are open."""
    factors = torch.ones_like(weights)
    for layer in range(layout.depth):
        block = layout.weight(gates.detach(), layer)
        is_open = block.sum(dim=(1, 2)).clamp(min=1)
        layout.weight(factors, layer).copy_((block[0].numel() / is_open)[:, None, None].expand_as(block))
    return weights * factors


def gated(raw: Mapping[str, Tensor], gates: Tensor, layout: Layout, signed: bool, grown: bool) -> Tensor:
    """The frozen weights (R, W) times the gates of what is unpruned; biases are whole. `grown`: see `rescaled`."""
    gates = torch.where(layout.is_weight(gates.shape[1]).to(gates.device), gates * raw["mask"], 1)
    weights = frozen(raw["weight"], raw["anchor"], layout, signed) * gates
    return rescaled(weights, gates, layout) if grown else weights


def check_frozen(fit: Fit) -> None:
    """Raise ValueError where weights would not stay what they are, or what is recorded would not be what was chosen."""
    method = fit.method
    if not isinstance(method.clock, Search):
        raise ValueError("chooses among weights that never train: use it with pruning/clock=search")
    if not (method.restart.rewinds and method.restart.replays):
        raise ValueError("has scores that begin anew at every level: use it with pruning/rewind=reset")
    if method.step is not None or method.penalty is not None:
        raise ValueError("never trains a weight: no step and no penalty has anything to act on")
    if method.biases:
        raise ValueError("chooses among weights alone: use it with pruning.biases=false")
