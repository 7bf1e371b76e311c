"""Keeps the smallest trained weights."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion


@dataclass(frozen=True)
class SmallFinal(Criterion):
    """Small final weights are kept, the control of magnitude. Source: Zhou et al., 2019."""

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): −|trained|."""
        return -weights.trained.abs()
