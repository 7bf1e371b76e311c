"""An approximate L0: small weights are penalised, large ones are let go."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty


@dataclass(frozen=True)
class Capped(Penalty):
    """strength · Σ min(|w|, limit)^q / limit^q, which tends to the number of non-zero weights as limit → 0.

    Weights beyond the limit have no gradient; with a limit above all weights it is L1 (q = 1) or L2 (q = 2), scaled.
    Raises ValueError unless strength > 0, limit > 0 and q is 1 or 2. Source: capped L1, Zhang, Analysis of Multi-stage
    Convex Relaxation for Sparse Regularization, 2010.
    """

    strength: float
    limit: float
    q: int

    def __post_init__(self) -> None:
        if not (self.strength > 0 and self.limit > 0 and self.q in (1, 2)):
            raise ValueError(
                f"strength={self.strength}, limit={self.limit}, q={self.q}: "
                f"strength and limit must be above 0, q must be 1 or 2"
            )

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """strength · Σ min(|w|, limit)^q / limit^q over the unpruned weights, (R,)."""
        weights = raw["weight"]
        share = weights.abs().clamp(max=self.limit) / self.limit
        return self.strength * ((share if self.q == 1 else share.square()) * mask).sum(dim=1)
