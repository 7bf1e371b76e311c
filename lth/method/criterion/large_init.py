"""Keeps the weights that started largest."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion


@dataclass(frozen=True)
class LargeInit(Criterion):
    """Large initial weights (at the anchor) are kept. Source: Zhou et al., Deconstructing Lottery Tickets, 2019."""

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): |anchor|."""
        return weights.anchor.abs()
