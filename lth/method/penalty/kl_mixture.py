"""What it costs that a weight's distribution is not a mixture of a wide and a narrow prior."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import softplus

from lth.method.blocks import in_blocks
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero, between_zero_and_one, one_of


@dataclass(frozen=True)
class KLMixture(Penalty):
    """strength · π_b · B / observations · Σ [log q(w) − log p(w)] of the weights w that this step drew.

    The prior is p = share·N(0, wide²) + (1 − share)·N(0, narrow²). `weighting` of the B batches of an epoch: even,
    π_b = 1/B, or halving, π_b = 2^(B−b) / (2^B − 1) for b = 1 … B. Raises ValueError for what is out of range, and
    without pruning/effective=gaussian. Source: Blundell et al., Weight Uncertainty in Neural Networks, 2015, whose
    −log wide is 0, 1 or 2, −log narrow 6, 7 or 8, and share ¼, ½ or ¾.
    """

    strength: float
    share: float
    wide: float
    narrow: float
    weighting: Literal["even", "halving"] = "even"

    def __post_init__(self) -> None:
        above_zero(self, "strength")
        between_zero_and_one(self, "share")
        if not 0 < self.narrow < self.wide < math.inf:
            raise ValueError(f"narrow={self.narrow}, wide={self.wide}: must rise from above 0")
        one_of(self, "weighting", "even", "halving")

    def check(self, fit: Fit) -> None:
        """There must be a distribution that weights are drawn from."""
        fit.needs("gaussian", "rho")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The drawn divergence over the unpruned weights, (R,); it may be negative, its mean is not."""
        drawn, mean, sigma = in_blocks(raw["computed"]), in_blocks(raw["weight"]), softplus(in_blocks(raw["rho"]))
        found = _log_normal(drawn - mean, sigma.log()) - self.log_prior(drawn)
        share = self._batch_share(raw["steps"], int(raw["batches"]))
        return self.strength * share / raw["observations"] * (found * in_blocks(mask)).sum(dim=1)

    def log_prior(self, weights: Tensor) -> Tensor:
        """log p(w), elementwise."""
        wide = _log_normal(weights, torch.full_like(weights, math.log(self.wide))) + math.log(self.share)
        narrow = _log_normal(weights, torch.full_like(weights, math.log(self.narrow))) + math.log1p(-self.share)
        return torch.logaddexp(wide, narrow)

    def _batch_share(self, steps: Tensor, batches: int) -> Tensor:
        """π_b · B of each seed's step, (R,) float64: the mean over an epoch is 1."""
        if self.weighting == "even":
            return torch.ones(len(steps), dtype=torch.float64, device=steps.device)
        halved = torch.pow(2.0, -(steps % batches + 1).double())
        return batches * halved / (1 - 2.0**-batches)


def _log_normal(far: Tensor, log_deviation: Tensor) -> Tensor:
    """log N(far | 0, deviation²)."""
    return -(far * (-log_deviation).exp()).square() / 2 - log_deviation - math.log(2 * math.pi) / 2
