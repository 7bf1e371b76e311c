"""Keeps the weights that grew most."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion


@dataclass(frozen=True)
class MagnitudeIncrease(Criterion):
    """Weights that grew from their anchor are kept. Source: Zhou et al., Deconstructing Lottery Tickets, 2019."""

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): |trained| − |anchor|."""
        return weights.trained.abs() - weights.anchor.abs()
