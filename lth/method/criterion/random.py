"""Keeps weights by lot."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.randomness import generator


@dataclass(frozen=True)
class Random(Criterion):
    """Weights are kept by lot, the control of every criterion. Source: Zhou et al., 2019."""

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N), float64 uniform in [0, 1): a seed's depend on that seed and the level alone."""
        size = weights.trained.shape[1]
        # On the CPU everywhere, so that every device draws the same lots; float64, so that they hardly ever tie.
        draws = [
            torch.rand(size, generator=generator(seed, "random criterion", weights.level), dtype=torch.float64)
            for seed in weights.seeds
        ]
        return torch.stack(draws).to(weights.trained.device)
