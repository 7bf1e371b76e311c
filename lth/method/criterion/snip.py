"""What the loss would feel if a weight went."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.criterion.examples import examples


@dataclass(frozen=True)
class Snip(Criterion):
    """Keep the largest |∂L/∂c| = |w · ∂L/∂w|, with c = 1 what a weight is multiplied with, on `samples` examples.

    Raises ValueError unless samples >= 1. Source: Lee et al., SNIP: Single-shot Network Pruning based on Connection
    Sensitivity, 2019.
    """

    samples: int = 100

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples={self.samples}: must be 1 or more")

    def score(self, weights: Candidates) -> Tensor:
        """|w · g|, (R, N)."""
        network, scores = weights.whole, torch.empty_like(weights.trained)
        for place, seed in enumerate(weights.seeds):
            row = (network.state["weight"][place] * network.state["mask"][place]).requires_grad_()
            with torch.enable_grad():
                loss = network.loss(row, examples(network.dataset, seed, weights.level, self.samples))
                (gradient,) = torch.autograd.grad(loss, row)
            scores[place] = (row * gradient).detach().abs()[network.index]
        return scores
