"""Magnitude, less for weights whose sign is not settled."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import pad

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit
from lth.method.step.flips import FLIPS, check_flips

BLOCK = 64  # a multiple of every SIMD width in use: PyTorch rounds the powers of a tensor's last few numbers otherwise


@dataclass(frozen=True)
class FlipOut(Criterion):
    """Keep the largest |w|^p / (1 + flips)^q.

    (p, q) = (2, 1) is FlipOut, (1, 0) magnitude, (0, 1) flips alone, (1, 1) their hybrid. Without flips the order is
    magnitude's for every p > 0. Raises ValueError unless p >= 0, q >= 0, and one of them is above 0. Source: Apostol et
    al., FlipOut: Uncovering Redundant Weights via Sign Flipping, 2020.
    """

    p: float = 2.0
    q: float = 1.0

    def __post_init__(self) -> None:
        if not (self.p >= 0 and self.q >= 0 and self.p + self.q > 0):
            raise ValueError(f"p={self.p}, q={self.q}: must be 0 or more, and not both 0")

    def check(self, fit: Fit) -> None:
        """Needs flips that are counted."""
        check_flips(fit)

    def score(self, weights: Candidates) -> Tensor:
        """|w|^p / (1 + flips)^q, (R, N) float64: squares of float32 would tie, or vanish."""
        size = weights.trained.shape[1]
        spare = (0, -size % BLOCK)
        magnitude, flips = (pad(part, spare).double() for part in (weights.trained.abs(), weights.own(FLIPS)))
        return (magnitude**self.p / (1 + flips) ** self.q)[:, :size]
