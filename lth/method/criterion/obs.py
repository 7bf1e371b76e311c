"""What the loss would gain if a weight went and the others made up for it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.bending import Bending
from lth.method.criterion.criterion import Candidates, Criterion


@dataclass(frozen=True)
class Obs(Bending, Criterion):
    """Keep the largest ½ w² / [H⁻¹]_ww, the loss that a weight's going costs once all others make up for it.

    H is the Gauss-Newton matrix of all unpruned parameters on `samples` examples, with `damping` on its diagonal; in
    float64. The others make up for it with pruning/rewind=surgeon. Raises ValueError unless samples >= 1 and
    damping > 0. Source: Hassibi & Stork, Second Order Derivatives for Network Pruning: Optimal Brain Surgeon, 1993.
    """

    def score(self, weights: Candidates) -> Tensor:
        """½ w² / [H⁻¹]_ww, (R, N) float64."""
        network, found = weights.whole, []
        for place, seed in enumerate(weights.seeds):
            row = (network.state["weight"][place] * network.state["mask"][place]).double()
            free = network.state["mask"][place].nonzero().flatten()
            matrix = self.matrix(network, row, seed, weights.level, free)
            inverse = torch.cholesky_inverse(torch.linalg.cholesky(matrix))
            scores = torch.zeros_like(row)
            scores[free] = row[free].square() / inverse.diagonal() / 2
            found.append(scores[network.index])
        return torch.stack(found)
