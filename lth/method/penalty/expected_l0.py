"""How many gates are open, in the mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.effective.hard_concrete import chance_of_open
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class ExpectedL0(Penalty):
    """strength / observations · Σ P(z ≠ 0), with P(z ≠ 0) = σ(log α − β·log(−γ/ζ)).

    Raises ValueError unless strength > 0, and without pruning/effective=hard_concrete. Source: Louizos et al., Learning
    Sparse Neural Networks through L0 Regularization, 2018.
    """

    strength: float

    def __post_init__(self) -> None:
        above_zero(self, "strength")

    def check(self, fit: Fit) -> None:
        """There must be gates."""
        fit.needs("hard_concrete", "log_alpha")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The expected number of open gates of unpruned weights, times the strength, (R,)."""
        found = chance_of_open(in_blocks(raw["log_alpha"])) * in_blocks(mask)
        return self.strength / raw["observations"] * found.sum(dim=1)
