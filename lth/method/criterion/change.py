"""Keeps the weights that changed most since the last pruning."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.state import State

LAST = "last"


@dataclass(frozen=True)
class Change(Criterion):
    """Keep the largest |trained − last|, with last the values that a seed went on from after its last pruning.

    Before the first pruning, last is the anchor: the initialisation, or the values at the step to rewind to. What did
    not move goes first. Source: the toy experiments with pruning in every epoch; Zhou et al., Deconstructing Lottery
    Tickets, 2019, where last is always the anchor (movement).
    """

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): |trained − last|."""
        known = weights.network is not None and LAST in weights.network.state
        return (weights.trained - (weights.own(LAST) if known else weights.anchor)).abs()

    def after(self, weight: Tensor) -> State:
        """The values that the seeds go on from."""
        return {LAST: weight.clone()}
