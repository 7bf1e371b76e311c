"""Prunes weights that change their sign."""

from dataclasses import dataclass, field

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit
from lth.method.ranges import at_least
from lth.method.step.flips import FLIPS, check_flips


@dataclass(frozen=True)
class SignFlip(Criterion):
    """Weights go that have flipped `flips` times or more, and the others stay: the count follows the flips.

    Raises ValueError unless flips >= 1. Source: the flips of Apostol et al., FlipOut: Uncovering Redundant Weights via
    Sign Flipping, 2020, taken by their word alone.
    """

    flips: int = 1
    threshold: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        at_least(1, self, "flips")
        object.__setattr__(self, "threshold", 0.5 - self.flips)

    def check(self, fit: Fit) -> None:
        """Needs flips that are counted, and no shares of layers."""
        check_flips(fit)
        if fit.method.scope == "layerwise":
            raise ValueError("finds the counts of the layers itself: use it with pruning.scope=global")

    def score(self, weights: Candidates) -> Tensor:
        """−flips, (R, N)."""
        return -weights.own(FLIPS)
