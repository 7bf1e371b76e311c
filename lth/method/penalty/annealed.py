"""An approximate L0 whose limit falls while it trains."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero, one_of


@dataclass(frozen=True)
class Annealed(Penalty):
    """strength · Σ min(|w|, L)^q / L^q with L = M·(limit/M)^min(1, t/steps), M the largest |anchor| that is unpruned.

    It starts as L1 (q = 1) or L2 (q = 2) over M^q, and tends to the number of weights: those beyond L are let go. t
    counts steps since the values were set. L is annealed, not learned: the term falls with L, which would grow without
    bound. Raises ValueError unless strength, limit and steps are above 0 and q is 1 or 2. Source: capped L1, Zhang,
    Analysis of Multi-stage Convex Relaxation for Sparse Regularization, 2010.
    """

    strength: float
    limit: float
    steps: int
    q: int

    def __post_init__(self) -> None:
        above_zero(self, "strength", "limit", "steps")
        one_of(self, "q", 1, 2)

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The term over the unpruned weights, (R,)."""
        limits = self.limits(raw, mask).to(raw["weight"].dtype)[:, None]
        share = raw["weight"].abs().minimum(limits) / limits
        return self.strength * ((share if self.q == 1 else share.square()) * mask).sum(dim=1)

    def limits(self, raw: Mapping[str, Tensor], mask: Tensor) -> Tensor:
        """L of each seed, (R,) float64."""
        largest = (raw["anchor"].abs() * mask).amax(dim=1).double().clamp(min=self.limit)
        passed = (raw["steps"].double() / self.steps).clamp(max=1)
        fallen = in_blocks((self.limit / largest)[None]) ** in_blocks(passed[None])
        return (largest * fallen[0, : len(largest)]).detach()
