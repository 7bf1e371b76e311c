"""Jeffreys' prior on the scale of every weight."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class NormalJeffreys(Penalty):
    """strength · Σ ½·log(1 + w²/epsilon²), which is log|w| but near 0, where that has no bound.

    −log of the density 1/|w| that weights N(0, λ²) have under p(λ) ∝ 1/λ. Raises ValueError unless both are above 0.
    Source: Figueiredo, Adaptive Sparseness for Supervised Learning, 2003.
    """

    strength: float
    epsilon: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "epsilon")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The price of the unpruned weights, (R,)."""
        logs = (in_blocks(raw["weight"]).square() / self.epsilon**2).log1p()
        return self.strength / 2 * (logs * in_blocks(mask)).sum(dim=1)
