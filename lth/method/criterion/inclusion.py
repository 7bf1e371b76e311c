"""Keeps what is probably not 0."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit


@dataclass(frozen=True)
class Inclusion(Criterion):
    """Keep the weights whose spike and slab posterior gives the largest probability π to the slab.

    Raises ValueError without pruning/effective=spike_slab. Source: Titsias & Lázaro-Gredilla, Spike and Slab
    Variational Inference, 2011.
    """

    def check(self, fit: Fit) -> None:
        """There must be a spike."""
        fit.needs("spike_slab", "rho", "inclusion")

    def score(self, weights: Candidates) -> Tensor:
        """logit π, (R, N)."""
        return weights.own("inclusion").clone()
