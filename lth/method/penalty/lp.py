"""A smooth Lp quasi-norm, p < 1."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty


@dataclass(frozen=True)
class Lp(Penalty):
    """strength · Σ (w² + epsilon)^(p/2), a heavy-tailed prior: its pull fades for large weights.

    Raises ValueError unless strength > 0, 0 < p < 1 and epsilon > 0. Source: Chartrand & Yin, Iteratively
    Reweighted Algorithms for Compressive Sensing, 2008.
    """

    strength: float
    p: float
    epsilon: float

    def __post_init__(self) -> None:
        if not (self.strength > 0 and 0 < self.p < 1 and self.epsilon > 0):
            raise ValueError(
                f"strength={self.strength}, p={self.p}, epsilon={self.epsilon}: "
                f"strength and epsilon must be above 0, p strictly between 0 and 1"
            )

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """strength · Σ (w² + epsilon)^(p/2) over the unpruned weights, (R,)."""
        weights = raw["weight"]
        powers = (in_blocks(weights).square() + self.epsilon) ** (self.p / 2)
        return self.strength * (powers * in_blocks(mask)).sum(dim=1)
