"""Keeps what was large, or small, both at the start and at the end."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.criterion.ranks import ranks
from lth.method.ranges import one_of


@dataclass(frozen=True)
class Both(Criterion):
    """Large (or small) initial and final weights are kept: the lesser of the two ranks of |trained| and |anchor|.

    What is kept is common to the top shares, of one size, of both orders. The paper's min(α|trained|, |anchor|) with
    the α that aligns the two distributions; as in its code α need not be known. Ranks are those among all unpruned
    weights, whatever the scope. Raises ValueError for another `which`. Source: Zhou et al., Deconstructing Lottery
    Tickets, 2019.
    """

    which: Literal["large", "small"] = "large"

    def __post_init__(self) -> None:
        one_of(self, "which", "large", "small")

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): the lesser rank."""
        sign = 1 if self.which == "large" else -1
        return torch.minimum(*(ranks(sign * of.abs(), weights.mask) for of in (weights.trained, weights.anchor)))
