"""Long connections cost more than short ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.positions import positions
from lth.method.ranges import above_zero, at_least


@dataclass(frozen=True)
class Locality(Penalty):
    """strength · (Σ |w_ij| (distance · |x_j − y_i| + least) + least · Σ |b|), x and y where neurons lie in (0, 1).

    From the first step of `between` up to the second, counted since the values were set, it is `peak` times as much.
    With distance=0 it is L1; biases count where `biases` says so. Neurons lie in order, or where the step `swaps` puts
    them. Raises ValueError unless strength, least and peak are above 0, distance is not below it, and between rises.
    Source: Liu et al., Seeing is Believing: Brain-Inspired Modular Training for Mechanistic Interpretability, 2023.
    """

    strength: float
    distance: float = 1.0
    least: float = 0.2
    biases: bool = True
    peak: float = 10.0
    between: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "between", tuple(self.between))
        above_zero(self, "strength", "least", "peak")
        at_least(0, self, "distance")
        if len(self.between) != 2 or not 0 <= self.between[0] <= self.between[1]:
            raise ValueError(f"between={'..'.join(map(str, self.between))}: must be two numbers of steps that rise")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:
        """The penalty (R,)."""
        weights = raw["weight"]
        cost = (weights.abs() * self.prices(raw, mask, layout)).sum(dim=1)
        steps = raw["steps"]
        high = (steps >= self.between[0]) & (steps < self.between[1])
        return self.strength * torch.where(high, self.peak, 1.0).to(cost.dtype) * cost

    def prices(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:
        """What each parameter's size is multiplied with, (R, W), before the strength."""
        found, where = torch.zeros_like(raw["weight"]), positions(raw, layout)
        for layer in range(layout.depth):
            apart = (where[layer][:, None, :] - where[layer + 1][:, :, None]).abs()
            layout.weight(found, layer).copy_(self.distance * apart + self.least)
        found *= mask
        for layer in range(layout.depth if self.biases else 0):
            layout.bias(found, layer).fill_(self.least)
        return found
