"""Keeps the weights that are more than noise."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.effective.variational_dropout import TINY
from lth.method.fit import Fit


@dataclass(frozen=True)
class NoiseRatio(Criterion):
    """Keep the smallest log α, α = σ²/θ², so many; or, with a `threshold`, all that have −log α above it (−3).

    It is not cut off here as it is where it costs: weights beyond −8 or 8 would be told apart by their place alone.
    Raises ValueError without pruning/effective=variational_dropout, and for a threshold with scope=layerwise, since
    counts of layers cannot be met by a threshold. Source: Molchanov et al., Variational Dropout Sparsifies Deep Neural
    Networks, 2017, which prunes above log α = 3.
    """

    threshold: float | None = None

    def check(self, fit: Fit) -> None:
        """There must be noise."""
        fit.needs("variational_dropout", "log_variance")
        if self.threshold is not None and fit.method.scope == "layerwise":
            raise ValueError(f"threshold={self.threshold}: must be null with scope=layerwise, whose counts are given")

    def score(self, weights: Candidates) -> Tensor:
        """−log α, (R, N)."""
        return (weights.trained.square() + TINY).log() - weights.own("log_variance")
