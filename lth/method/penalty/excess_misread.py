"""The approximate L0 as its source literally says it: a negative control."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class ExcessMisread(Penalty):
    """strength · Σ [relu(w − limit) + relu(limit − w)] = strength · Σ |w − limit|: it pulls every weight to +limit.

    Nothing becomes sparse by it; lth.method.penalty.annealed has what was meant. Raises ValueError unless both are
    above 0. Source: a research log of November 2019, "approximate l0 regularization".
    """

    strength: float
    limit: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "limit")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """strength · Σ |w − limit| over the unpruned weights, (R,)."""
        return self.strength * ((raw["weight"] - self.limit).abs() * mask).sum(dim=1)
