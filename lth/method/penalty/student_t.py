"""Student's t as a prior."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class StudentT(Penalty):
    """strength · Σ (ν + 1)/2 · log(1 + w²/(ν·scale²)), −log of Student's t; ν (`nu`) = 1 is the Cauchy distribution.

    Raises ValueError unless all are above 0. Source: Neal, Bayesian Learning for Neural Networks, 1996.
    """

    strength: float
    nu: float
    scale: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "nu", "scale")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The price of the unpruned weights, (R,)."""
        logs = (in_blocks(raw["weight"]).square() / (self.nu * self.scale**2)).log1p()
        return self.strength * (self.nu + 1) / 2 * (logs * in_blocks(mask)).sum(dim=1)
