"""Keeps the largest weights of neurons that are alive."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.alive import alive
from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit
from lth.method.layout import Layout


@dataclass(frozen=True)
class AllAlive(Criterion):
    """Prune the smallest trained weights, and with each those of the neurons that die, until as many as asked live.

    A neuron is dead that no input reaches or that reaches no output. A weight is passed over whose going would leave
    fewer than asked; where every one would, the smallest goes and of the dead the largest stay, so that the count is
    exact. Source: All-Alive Pruning, submitted to ICLR 2021.
    """

    def check(self, fit: Fit) -> None:
        """It counts the weights of the whole network."""
        if fit.method.biases:
            raise ValueError("weights are counted, not biases: pruning.biases must be false")
        if fit.method.scope == "layerwise":
            raise ValueError("who lives is told by all layers together: pruning.scope must be global")

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N) float64: the rank by magnitude, of those who stay above all others."""
        network, found = weights.whole, []
        for place, size in enumerate(weights.trained.abs()):
            mask = network.state["mask"][place]
            stay = living(size, mask, network.layout, network.index, weights.keep)
            order = torch.sort(size, stable=True).indices  # of equals, the earlier goes first
            rank = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=order.device))
            found.append(rank.double() + len(rank) * stay)
        return torch.stack(found)


def living(size: Tensor, mask: Tensor, layout: Layout, index: Tensor, keep: int) -> Tensor:
    """Which weights (N,) stay alive, `keep` of them where the smallest can go one by one; of magnitude `size` (N,)."""
    stay, passed = alive(mask, layout), torch.zeros_like(size, dtype=torch.bool)
    while int(stay[index].sum()) > keep:
        candidates = (stay[index] & ~passed).nonzero().flatten()
        order = candidates[torch.sort(size[candidates], stable=True).indices]
        most, rest = _most_that_may_go(order, stay, layout, index, keep)
        stay = rest
        if most == len(order):
            break
        passed[order[most]] = True  # without it fewer than asked would live
    return stay[index]


def _most_that_may_go(order: Tensor, stay: Tensor, layout: Layout, index: Tensor, keep: int) -> tuple[int, Tensor]:
    """How many from the start of the order may go so that `keep` or more live, and the mask of those who do."""
    low, high, kept = 0, len(order), stay
    while low < high:  # the more go, the fewer live
        middle = (low + high + 1) // 2
        tried = stay.clone()
        tried[index[order[:middle]]] = False
        tried = alive(tried, layout)
        if int(tried[index].sum()) >= keep:
            low, kept = middle, tried
        else:
            high = middle - 1
    return low, kept
