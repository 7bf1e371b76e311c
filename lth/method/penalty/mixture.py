"""The price of weights under a mixture that is learned with them."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.mixture import Components
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero, at_least


@dataclass(frozen=True)
class Mixture(Penalty):
    """strength / observations · (−Σ log Σ_j π_j·N(w | μ_j, σ_j²) − Σ_j log Gamma(1/σ_j²)).

    The Gamma hyper-priors of the precisions have `shape` and `rate`, those of component 0 `zero_shape` and `zero_rate`;
    the source has 5000, 2, 250 and 0.1 for 266,000 weights, and strength 0.005. Raises ValueError unless all are above
    0, the shapes 1 or more, and without pruning/effective=shared_mixture. Source: Ullrich et al., Soft Weight-Sharing
    for Neural Network Compression, 2017.
    """

    strength: float
    zero_shape: float
    zero_rate: float
    shape: float
    rate: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "zero_rate", "rate")
        at_least(1, self, "zero_shape", "shape")

    def check(self, fit: Fit) -> None:
        """There must be a mixture."""
        fit.needs("shared_mixture", "means", "log_deviations", "logits")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The price (R,); constants of the Gamma distributions are left out."""
        found = Components.of(raw)
        price = -found.log_joint(raw["weight"]).logsumexp(dim=1)
        prior = self._prior(found.log_deviations[:, :1], self.zero_shape, self.zero_rate)
        prior = prior + self._prior(found.log_deviations[:, 1:], self.shape, self.rate)
        return self.strength / raw["observations"] * ((price * in_blocks(mask)).sum(dim=1) + prior)

    @staticmethod
    def _prior(log_deviations: Tensor, shape: float, rate: float) -> Tensor:
        precision = (-2 * log_deviations).exp()
        return (rate * precision + 2 * (shape - 1) * log_deviations).sum(dim=1)
