"""What it costs that dropout's noise is not as large as can be."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.effective.variational_dropout import divergence, log_alpha
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero, at_least


@dataclass(frozen=True)
class KLDropout(Penalty):
    """strength · min(1, t / ramp) / observations · Σ KL(log α), the divergence from the log-uniform prior.

    KL ≈ −[k₁·σ(k₂ + k₃·log α) − ½·log(1 + 1/α) − k₁] falls with α, so that noise grows until the weight is nothing but
    noise (log α > 3). t counts steps since the values were set. Raises ValueError unless strength > 0 and ramp is 0 or
    more steps, and without pruning/effective=variational_dropout. Source: Molchanov et al., Variational Dropout
    Sparsifies Deep Neural Networks, 2017; the ramp: Sønderby et al., Ladder Variational Autoencoders, 2016.
    """

    strength: float
    ramp: int

    def __post_init__(self) -> None:
        above_zero(self, "strength")
        at_least(0, self, "ramp", unit="steps")

    def check(self, fit: Fit) -> None:
        """There must be noise."""
        fit.needs("variational_dropout", "log_variance")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The divergence over the unpruned weights, (R,)."""
        found = divergence(log_alpha(in_blocks(raw["weight"]), in_blocks(raw["log_variance"])))
        risen = (raw["steps"].double() / max(self.ramp, 1)).clamp(max=1) if self.ramp else 1.0
        return self.strength * risen / raw["observations"] * (found * in_blocks(mask)).sum(dim=1)
