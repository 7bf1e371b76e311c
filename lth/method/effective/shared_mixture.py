"""Weights that gather around a few values that they have in common."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.effective import Effective
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.mixture import Mixture
from lth.method.ranges import above_zero, at_least, between_zero_and_one
from lth.method.state import State


@dataclass(frozen=True)
class SharedMixture(Effective):
    """The weights as they are, beside a trained mixture of normal distributions for pruning/rewind=collapse.

    Component 0 has mean 0 and the fixed share `zero`; the other `components` start evenly from −`spread` to `spread`
    with shares that are trained; all start with deviation `deviation`. lth.method.mixture says how they are kept.
    Raises ValueError for what is out of range, for a network with no room for the components, and without
    penalty=mixture.
    Source: Ullrich et al., Soft Weight-Sharing for Neural Network Compression, 2017.
    """

    components: int = 16
    zero: float = 0.99
    spread: float = 0.6
    deviation: float = 0.25
    trained = ("weight", "means", "log_deviations", "logits")
    common = ("means", "log_deviations", "logits")
    still = False

    def __post_init__(self) -> None:
        at_least(1, self, "components")
        between_zero_and_one(self, "zero")
        above_zero(self, "spread", "deviation")

    def check(self, fit: Fit) -> None:
        """The rows must have room for the mixture, and something must pull the weights to it."""
        size = Layout(fit.widths).size
        if size <= self.components:
            raise ValueError(f"components={self.components}: must be below the {size} parameters of the network")
        if not isinstance(fit.method.penalty, Mixture):
            raise ValueError("a mixture is trained by its penalty: penalty=mixture")

    def begin(self, weight: Tensor, layout: Layout) -> State:  # noqa: ARG002
        """The mixture, the same for every seed."""
        count, found = self.components, {name: torch.zeros_like(weight) for name in self.common}
        found["means"][:, 1 : count + 1] = (
            torch.linspace(-self.spread, self.spread, count) if count > 1 else self.spread
        )
        found["log_deviations"][:, : count + 1] = math.log(self.deviation)
        found["logits"][:, 0] = math.log(self.zero) - math.log1p(-self.zero)
        found["components"] = torch.full((len(weight),), count + 1, device=weight.device)
        return found

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:  # noqa: ARG002
        """The weights (R, W)."""
        return raw["weight"]

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:  # noqa: ARG002
        """The weights (R, W)."""
        return raw["weight"]
