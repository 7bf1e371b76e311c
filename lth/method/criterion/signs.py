"""Keeps weights by what became of their signs."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.criterion.ranks import ranks
from lth.method.ranges import one_of
from lth.randomness import generator


@dataclass(frozen=True)
class Signs(Criterion):
    """Score `by` magnitude or by its increase where the sign is the anchor's (`same`) or is not, 0 elsewhere.

    The many that are equal go by lot, drawn for each seed and level. Raises ValueError for another `by` or `sign`.
    Source: Zhou et al., Deconstructing Lottery Tickets, 2019.
    """

    by: Literal["magnitude", "increase"] = "magnitude"
    sign: Literal["same", "different"] = "same"

    def __post_init__(self) -> None:
        one_of(self, "by", "magnitude", "increase")
        one_of(self, "sign", "same", "different")

    def score(self, weights: Candidates) -> Tensor:
        """The ranks (R, N) of the scores, those of equal ones by lot."""
        trained, anchor = weights.trained, weights.anchor
        scores = trained.abs() - (anchor.abs() if self.by == "increase" else 0)
        fits = (trained.sign() == anchor.sign()) == (self.sign == "same")
        lots = self._lots(weights)
        # Ranks in shuffled order are ranks with ties by lot.
        shuffled = ranks((scores * fits).gather(1, lots), weights.mask.gather(1, lots))
        return torch.empty_like(shuffled).scatter(1, lots, shuffled)

    def _lots(self, weights: Candidates) -> Tensor:
        size = weights.trained.shape[1]
        drawn = [torch.randperm(size, generator=generator(seed, "criterion", weights.level)) for seed in weights.seeds]
        return torch.stack(drawn).to(weights.trained.device)
