"""What it costs that a weight's distribution is not its spike and slab prior."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from lth.method.blocks import in_blocks
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.kl_gaussian import kl_to_normal
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero, between_zero_and_one


@dataclass(frozen=True)
class KLSpikeSlab(Penalty):
    """strength / observations · Σ [π·KL(N(μ, σ²) | N(0, deviation²)) + KL(Bernoulli(π) | Bernoulli(included))].

    The exact divergence of π·N(μ, σ²) + (1 − π)·δ₀ from a prior of the same form. Raises ValueError for what is out of
    range, and without pruning/effective=spike_slab. Source: Titsias & Lázaro-Gredilla, Spike and Slab Variational
    Inference, 2011.
    """

    strength: float
    deviation: float
    included: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "deviation")
        between_zero_and_one(self, "included")

    def check(self, fit: Fit) -> None:
        """There must be a spike."""
        fit.needs("spike_slab", "rho", "inclusion")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The divergence over the unpruned weights, (R,)."""
        logit = in_blocks(raw["inclusion"])
        slab = kl_to_normal(in_blocks(raw["weight"]), softplus(in_blocks(raw["rho"])), self.deviation)
        inside, outside = logit.sigmoid(), (-logit).sigmoid()
        gate = inside * (logsigmoid(logit) - math.log(self.included))
        gate = gate + outside * (logsigmoid(-logit) - math.log1p(-self.included))
        found = (inside * slab + gate) * in_blocks(mask)
        return self.strength / raw["observations"] * found.sum(dim=1)
