"""The sum of squares."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero


@dataclass(frozen=True)
class L2(Penalty):
    """strength · Σs², s the trained tensor with this `name`; of weights it is the Gaussian prior.

    Raises ValueError unless strength > 0, and where no such tensor is trained. Sources: Hoerl & Kennard, Ridge
    Regression, 1970; of scores: Sreenivasan et al., Rare Gems, 2022.
    """

    strength: float
    name: str = "weight"

    def __post_init__(self) -> None:
        above_zero(self, "strength")

    def check(self, fit: Fit) -> None:
        """There must be such a tensor."""
        trained = ("weight",) if fit.method.effective is None else fit.method.effective.trained
        if self.name not in trained:
            raise ValueError(f"name={self.name}: must be one of {', '.join(trained)}")

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """strength · Σs² over what is unpruned, (R,)."""
        values = raw[self.name]
        return self.strength * (values * values * mask).sum(dim=1)
