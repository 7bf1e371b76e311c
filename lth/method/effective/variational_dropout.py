"""Noise for every weight, with a variance of its own that is learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.draws import normal
from lth.method.effective.effective import Effective
from lth.method.layout import Layout
from lth.method.state import State

TINY = 1e-12  # added to θ² below, so that α stays finite


@dataclass(frozen=True)
class VariationalDropout(Effective):
    """w = θ + σ·ε, which is N(θ, α·θ²) with α = σ²/θ²; what is measured is θ.

    θ is `weight`; log σ² is trained (`log_variance`), which keeps the gradient's noise small, and starts at the given
    value. Noise is drawn for weights, not for what they add up to. Biases have none. Raises ValueError unless
    log_variance is from −20 to 2. Source: Molchanov et al., Variational Dropout Sparsifies Deep Neural Networks, 2017.
    """

    log_variance: float = -8.0
    trained = ("weight", "log_variance")
    still = False

    def __post_init__(self) -> None:
        if not -20 <= self.log_variance <= 2:
            raise ValueError(f"log_variance={self.log_variance}: must be from -20 to 2")

    def begin(self, weight: Tensor, layout: Layout) -> State:  # noqa: ARG002
        """log σ², the same for all."""
        return {"log_variance": torch.full_like(weight, self.log_variance)}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """θ + σ·ε, (R, W)."""
        return raw["weight"] + (raw["log_variance"] / 2).exp() * normal(raw["weight"], layout, streams)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:  # noqa: ARG002
        """The means (R, W)."""
        return raw["weight"]


def log_alpha(weight: Tensor, log_variance: Tensor) -> Tensor:
    """log α = log σ² − log θ², where the source cuts it off: from −8 to 8."""
    return (log_variance - (weight.square() + TINY).log()).clamp(-8, 8)


def divergence(alpha: Tensor) -> Tensor:
    """KL(q | log-uniform) of a weight by its log α, 0 where that is large.

    −[k₁·σ(k₂ + k₃·log α) − ½·log(1 + 1/α) − k₁] with k = (0.63576, 1.87320, 1.48695).
    """
    k1, k2, k3 = 0.63576, 1.87320, 1.48695
    return k1 * (1 - torch.sigmoid(k2 + k3 * alpha)) + torch.nn.functional.softplus(-alpha) / 2
