"""Keeps the weights that started smallest."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion


@dataclass(frozen=True)
class SmallInit(Criterion):
    """Small initial weights (at the anchor) are kept, the control of large ones. Source: Zhou et al., 2019."""

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): −|anchor|."""
        return -weights.anchor.abs()
