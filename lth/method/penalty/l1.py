"""The sum of absolute weights."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class L1(Penalty):
    """strength · Σ|w|, the Laplace prior. Raises ValueError unless strength > 0. Source: Tibshirani, 1996."""

    strength: float

    def __post_init__(self) -> None:
        above_zero(self, "strength")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """strength · Σ|w| over the unpruned weights, (R,)."""
        weights = raw["weight"]
        return self.strength * (weights.abs() * mask).sum(dim=1)
