"""Keeps the weights whose gates are open."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit

TIE = 1e-7  # below what float32 tells apart of log α where gates are all but shut or open


@dataclass(frozen=True)
class Gate(Criterion):
    """Keep the largest log α, so many; or, with a `threshold`, all weights whose log α reaches it.

    A gate without noise is not 0 above log(−γ/ζ) = −2.4; where fewer are open than are to be kept, shut ones stay among
    the unpruned. Of gates that are equal, those of larger weights stay.
    Raises ValueError without pruning/effective=hard_concrete, and for a threshold with scope=layerwise, since counts of
    layers cannot be met by a threshold. Source: Louizos et al., Learning Sparse Neural Networks through L0
    Regularization, 2018.
    """

    threshold: float | None = None

    def check(self, fit: Fit) -> None:
        """There must be gates."""
        fit.needs("hard_concrete", "log_alpha")
        if self.threshold is not None and fit.method.scope == "layerwise":
            raise ValueError(f"threshold={self.threshold}: must be null with scope=layerwise, whose counts are given")

    def score(self, weights: Candidates) -> Tensor:
        """log α, (R, N) float64."""
        sizes = weights.own("weight").double().abs()  # not as trained: behind a shut gate that is 0
        return weights.own("log_alpha").double() + TIE * sizes / (1 + sizes)
