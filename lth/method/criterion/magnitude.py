"""Keeps the largest trained weights."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion


@dataclass(frozen=True)
class Magnitude(Criterion):
    """Large final weights are kept. Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019."""

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): |trained|."""
        return weights.trained.abs()
