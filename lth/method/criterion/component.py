"""Keeps the weights that belong to another component than that at 0."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit
from lth.method.mixture import Components


@dataclass(frozen=True)
class Component(Criterion):
    """Keep the largest log odds max_j log π_j·N(w | μ_j, σ_j²) − log π₀·N(w | 0, σ₀²).

    Raises ValueError without pruning/effective=shared_mixture. Source: Ullrich et al., Soft Weight-Sharing for Neural
    Network Compression, 2017.
    """

    def check(self, fit: Fit) -> None:
        """There must be a mixture."""
        fit.needs("shared_mixture", "means", "log_deviations", "logits")

    def score(self, weights: Candidates) -> Tensor:
        """The log odds (R, N)."""
        joint = Components.of(weights.whole.state).log_joint(weights.trained)
        return (joint[:, 1:].amax(dim=1) - joint[:, 0])[:, : weights.trained.shape[1]]
