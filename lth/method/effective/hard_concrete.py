"""A gate for every weight that is shut, open or between."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.draws import uniform, weights_of
from lth.method.effective.effective import Effective
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.ranges import between_zero_and_one
from lth.method.state import State

BETA, GAMMA, ZETA = 2 / 3, -0.1, 1.1  # temperature, and the ends to which the gate is stretched before it is cut


@dataclass(frozen=True)
class HardConcrete(Effective):
    """w = θ·z, s = σ((logit u + log α) / β), z = min(1, max(0, s·(ζ − γ) + γ)), u ~ U(0, 1) drawn at every step.

    θ is `weight`; β = 2/3, γ = −0.1, ζ = 1.1; what is measured is θ·min(1, max(0, σ(log α)·(ζ − γ) + γ)). `log_alpha`
    starts at logit(1 − dropped): `dropped_inputs` for weights from inputs, `dropped` for the others; the source draws
    it around there with deviation 0.01. Biases have no gate. Raises ValueError unless both are above 0 and below 1,
    and for a criterion that does not ask the gates, for what is kept would be shut. Source: Louizos et al., Learning
    Sparse Neural Networks through L0 Regularization, 2018.
    """

    dropped_inputs: float = 0.2
    dropped: float = 0.5
    trained = ("weight", "log_alpha")
    still = False

    def __post_init__(self) -> None:
        between_zero_and_one(self, "dropped_inputs", "dropped")

    def check(self, fit: Fit) -> None:
        """Gates that shut by themselves leave fewer weights than others count."""
        from lth.method.criterion.gate import Gate

        if not isinstance(fit.method.criterion, Gate):
            raise ValueError("hard concrete gates meet a count only where the gates are ranked: pruning/criterion=gate")

    def begin(self, weight: Tensor, layout: Layout) -> State:
        """log α by layer."""
        found = torch.zeros_like(weight)
        for layer in range(layout.depth):
            dropped = self.dropped if layer else self.dropped_inputs
            layout.weight(found, layer).fill_(math.log1p(-dropped) - math.log(dropped))
        return {"log_alpha": found}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """θ·z, (R, W)."""
        noise = uniform(raw["weight"], layout, streams).logit()
        gate = _cut(torch.sigmoid((noise + raw["log_alpha"]) / BETA))
        return torch.where(weights_of(gate, layout), raw["weight"] * gate, raw["weight"])

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """θ times its gate without noise, (R, W)."""
        gate = open_by(raw["log_alpha"])
        return torch.where(weights_of(gate, layout), raw["weight"] * gate, raw["weight"])


def open_by(log_alpha: Tensor) -> Tensor:
    """How far a gate is open where there is no noise, from 0 to 1."""
    return _cut(log_alpha.sigmoid())


def chance_of_open(log_alpha: Tensor) -> Tensor:
    """P(z ≠ 0) = σ(log α − β·log(−γ/ζ))."""
    return (log_alpha - BETA * math.log(-GAMMA / ZETA)).sigmoid()


def _cut(share: Tensor) -> Tensor:
    return (share * (ZETA - GAMMA) + GAMMA).clamp(0, 1)
