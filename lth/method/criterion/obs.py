"""What the loss would gain if a weight went and the others made up for it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion, Network
from lth.method.criterion.curvature import curvature_roots
from lth.method.criterion.examples import examples
from lth.method.fit import Fit
from lth.method.layout import Layout

LARGEST = 6000  # parameters, whose whole Hessian is inverted


@dataclass(frozen=True)
class Obs(Criterion):
    """Keep the largest ½ w² / [H⁻¹]_ww, the loss that a weight's going costs once all others make up for it.

    H is the Gauss-Newton matrix of all unpruned parameters on `samples` examples, with `damping` on its diagonal; in
    float64. The others make up for it with pruning/rewind=surgeon. Raises ValueError unless samples >= 1 and
    damping > 0. Source: Hassibi & Stork, Second Order Derivatives for Network Pruning: Optimal Brain Surgeon, 1993.
    """

    samples: int = 500
    damping: float = 1e-4

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples={self.samples}: must be 1 or more")
        if not self.damping > 0:
            raise ValueError(f"damping={self.damping}: must be above 0")

    def check(self, fit: Fit) -> None:
        """The whole matrix must fit."""
        check_size(fit)

    def score(self, weights: Candidates) -> Tensor:
        """½ w² / [H⁻¹]_ww, (R, N) float64."""
        network, found = weights.whole, []
        for place, seed in enumerate(weights.seeds):
            row = (network.state["weight"][place] * network.state["mask"][place]).double()
            drawn = examples(network.dataset, seed, weights.level, self.samples)
            free = network.state["mask"][place].nonzero().flatten()
            inverse = torch.cholesky_inverse(torch.linalg.cholesky(bending(network, row, drawn, free, self.damping)))
            scores = torch.zeros_like(row)
            scores[free] = row[free].square() / inverse.diagonal() / 2
            found.append(scores[network.index])
        return torch.stack(found)


def bending(network: Network, row: Tensor, samples: Tensor, free: Tensor, damping: float) -> Tensor:
    """H (F, F) of one seed's free parameters, damped."""
    roots = curvature_roots(network, row, samples, "gauss_newton")[:, free]
    return roots.T @ roots + damping * torch.eye(len(free), dtype=row.dtype, device=row.device)


def check_size(fit: Fit) -> None:
    """Raise ValueError where H would be too large."""
    size = Layout(fit.widths).size
    if size > LARGEST:
        raise ValueError(f"the second derivatives of {size} parameters by each other are too many; {LARGEST} are not")
