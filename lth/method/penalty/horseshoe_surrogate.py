"""The horseshoe prior by one of its bounds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class HorseshoeSurrogate(Penalty):
    """strength · Σ −log log(1 + 2·tau²/(w² + epsilon²)), less that at 0: the density's upper bound in its place.

    Raises ValueError unless all are above 0. Source: Carvalho et al., The Horseshoe Estimator for Sparse Signals, 2010.
    """

    strength: float
    tau: float
    epsilon: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "tau", "epsilon")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The price of the unpruned weights, (R,)."""
        bound = (2 * self.tau**2 / (in_blocks(raw["weight"]).square() + self.epsilon**2)).log1p()
        highest = math.log1p(2 * self.tau**2 / self.epsilon**2)
        # Rounding may put the bound at 0 above the highest, and a price is not negative.
        return -self.strength * ((bound / highest).clamp(max=1).log() * in_blocks(mask)).sum(dim=1)
