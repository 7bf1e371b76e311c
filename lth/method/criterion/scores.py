"""Keeps what learned scores say."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit
from lth.randomness import generator

TIE = 1e-9  # below what float32 tells apart of scores above 0.01


@dataclass(frozen=True)
class Scores(Criterion):
    """Keep the highest scores that effective weights have learned, equal ones by lot; or those at a `threshold` or up.

    Source: Zhou et al., Deconstructing Lottery Tickets, 2019.
    """

    threshold: float | None = None

    def check(self, fit: Fit) -> None:
        """Needs scores that train."""
        if fit.method.effective is None or "scores" not in fit.method.effective.trained:
            raise ValueError("ranks by learned scores: needs pruning/effective=supermask, edge_popup or gem_miner")

    def score(self, weights: Candidates) -> Tensor:
        """The scores (R, N) float64, a lot in each where they are ranked."""
        found = weights.own("scores").double()
        if self.threshold is not None:
            return found
        for row, seed in zip(found, weights.seeds, strict=True):  # at the end of a range many are equal
            row += TIE * torch.rand(len(row), generator=generator(seed, "ties", weights.level)).to(row)
        return found
