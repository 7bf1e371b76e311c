"""A normal distribution for every weight."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from lth.method.effective.draws import normal
from lth.method.effective.effective import Effective
from lth.method.layout import Layout
from lth.method.ranges import above_zero
from lth.method.state import State


@dataclass(frozen=True)
class Gaussian(Effective):
    """w = μ + σ·ε with σ = log(1 + e^ρ) and ε ~ N(0, 1) drawn at every step; what is measured is μ.

    μ is `weight`, `rho` starts where σ = `sigma`. Biases have no noise. Raises ValueError unless sigma > 0.
    Source: Blundell et al., Weight Uncertainty in Neural Networks (Bayes by Backprop), 2015.
    """

    sigma: float = 0.02
    trained = ("weight", "rho")
    still = False

    def __post_init__(self) -> None:
        above_zero(self, "sigma")

    def begin(self, weight: Tensor, layout: Layout) -> State:  # noqa: ARG002
        """ρ, the same for all."""
        return {"rho": torch.full_like(weight, rho_of(self.sigma))}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """μ + σ·ε, (R, W)."""
        return raw["weight"] + softplus(raw["rho"]) * normal(raw["weight"], layout, streams)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:  # noqa: ARG002
        """The means (R, W)."""
        return raw["weight"]


def rho_of(sigma: float) -> float:
    """The ρ whose σ this is."""
    return sigma + math.log(-math.expm1(-sigma))
