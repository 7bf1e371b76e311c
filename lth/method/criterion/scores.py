"""Keeps what learned scores say."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit


@dataclass(frozen=True)
class Scores(Criterion):
    """Keep the highest scores that effective weights have learned; with a `threshold` those that reach it.

    Source: Zhou et al., Deconstructing Lottery Tickets, 2019.
    """

    threshold: float | None = None

    def check(self, fit: Fit) -> None:
        """Needs scores that train."""
        if fit.method.effective is None or "scores" not in fit.method.effective.trained:
            raise ValueError("ranks by learned scores: use it with pruning/effective=supermask or edge_popup")

    def score(self, weights: Candidates) -> Tensor:
        """The scores (R, N)."""
        return weights.own("scores").clone()
