"""What it costs that a weight's distribution is not its normal prior."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus

from lth.method.blocks import in_blocks
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class KLGaussian(Penalty):
    """strength / observations · Σ KL(N(μ, σ²) | N(0, deviation²)) = log(deviation/σ) + (σ² + μ²)/(2·deviation²) − ½.

    Divided by the log-likelihoods that the loss is the mean of, so that strength = 1 is the evidence's lower bound;
    below 1 the posterior is colder. In every batch the same share. Raises ValueError unless both are above 0, and
    without pruning/effective=gaussian. Source: Blundell et al., Weight Uncertainty in Neural Networks, 2015.
    """

    strength: float
    deviation: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "deviation")

    def check(self, fit: Fit) -> None:
        """There must be a distribution."""
        fit.needs("gaussian", "rho")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The divergence over the unpruned weights, (R,)."""
        found = kl_to_normal(in_blocks(raw["weight"]), softplus(in_blocks(raw["rho"])), self.deviation)
        return self.strength / raw["observations"] * (found * in_blocks(mask)).sum(dim=1)


def kl_to_normal(mean: Tensor, sigma: Tensor, deviation: float) -> Tensor:
    """KL(N(mean, sigma²) | N(0, deviation²)), elementwise."""
    spread = (sigma.square() + mean.square()) / (2 * deviation**2)
    return math.log(deviation) - sigma.log() + spread - 0.5
