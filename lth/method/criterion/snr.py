"""Keeps what is certain to be far from 0."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus

from lth.method.blocks import in_blocks
from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit


@dataclass(frozen=True)
class SNR(Criterion):
    """Keep the largest signal to noise |μ|/σ, with σ = log(1 + e^ρ). With equal σ it is the magnitude.

    Raises ValueError without pruning/effective=gaussian. Sources: Graves, Practical Variational Inference for Neural
    Networks, 2011; Blundell et al., Weight Uncertainty in Neural Networks, 2015.
    """

    def check(self, fit: Fit) -> None:
        """There must be a σ."""
        fit.needs("gaussian", "rho")

    def score(self, weights: Candidates) -> Tensor:
        """|μ|/σ, (R, N)."""
        sigma = softplus(in_blocks(weights.own("rho")))[:, : weights.trained.shape[1]]
        return weights.trained.abs() / sigma
