"""Student's t of the logarithm of a weight as a prior."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class LogStudentT(Penalty):
    """strength · Σ [ℓ + (ν + 1)/2 · log(1 + (ℓ − log centre)²/(ν·scale²))], ℓ = ½·log(w² + epsilon²), less that at 0.

    −log of the density of a weight whose |w| has a log-Student-t distribution, as heavy a tail as there is. Raises
    ValueError unless all are above 0 and scale ≥ (ν + 1)/(2·√ν): below, the price would fall somewhere, and weights
    would be pushed away from 0. Source: Cassidy et al., The Log-Student Distribution, 2009.
    """

    strength: float
    nu: float
    centre: float
    scale: float
    epsilon: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "nu", "centre", "scale", "epsilon")
        least = (self.nu + 1) / (2 * math.sqrt(self.nu))
        if self.scale < least:
            raise ValueError(f"scale={self.scale}: must be {least:.3g} or more, or the price falls with |w| somewhere")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The price of the unpruned weights, (R,)."""
        found = self._price(in_blocks(raw["weight"])) * in_blocks(mask)
        return self.strength * found.sum(dim=1)

    def _price(self, weights: Tensor) -> Tensor:
        above = (weights.square() / self.epsilon**2).log1p() / 2
        lowest, spread = math.log(self.epsilon / self.centre), self.nu * self.scale**2
        at_zero = math.log1p(lowest**2 / spread)
        return above + (self.nu + 1) / 2 * (((above + lowest).square() / spread).log1p() - at_zero)
