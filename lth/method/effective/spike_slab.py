"""A normal distribution for every weight, and a chance that it is 0."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from lth.method.effective.draws import normal, uniform, weights_of
from lth.method.effective.effective import Effective
from lth.method.effective.gaussian import rho_of
from lth.method.layout import Layout
from lth.method.ranges import above_zero, between_zero_and_one
from lth.method.state import State


@dataclass(frozen=True)
class SpikeSlab(Effective):
    """w = z·(μ + σ·ε), z ~ Bernoulli(π), three parameters a weight; what is measured is the mean π·μ.

    μ is `weight`, σ = log(1 + e^ρ), π = sigmoid(`inclusion`); they start at the anchor, `sigma` and `included`. The
    gradient goes through the relaxed gate sigmoid((logit u + logit π) / temperature), whose rounding z is. Biases have
    neither noise nor gate. Raises ValueError for what is out of range. Sources: Titsias & Lázaro-Gredilla, Spike and
    Slab Variational Inference, 2011; Maddison et al., The Concrete Distribution, 2017.
    """

    sigma: float = 0.02
    included: float = 0.9
    temperature: float = 0.5
    trained = ("weight", "rho", "inclusion")
    still = False

    def __post_init__(self) -> None:
        above_zero(self, "sigma", "temperature")
        between_zero_and_one(self, "included")

    def begin(self, weight: Tensor, layout: Layout) -> State:  # noqa: ARG002
        """ρ and logit π, the same for all."""
        logit = math.log(self.included) - math.log1p(-self.included)
        return {"rho": torch.full_like(weight, rho_of(self.sigma)), "inclusion": torch.full_like(weight, logit)}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """z·(μ + σ·ε), (R, W)."""
        slab = raw["weight"] + softplus(raw["rho"]) * normal(raw["weight"], layout, streams)
        soft = torch.sigmoid((uniform(slab, layout, streams).logit() + raw["inclusion"]) / self.temperature)
        gate = (soft > 0.5).to(soft.dtype) + soft - soft.detach()
        return torch.where(weights_of(slab, layout), gate * slab, raw["weight"])

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """The means π·μ, (R, W)."""
        mean = raw["inclusion"].sigmoid() * raw["weight"]
        return torch.where(weights_of(mean, layout), mean, raw["weight"])
