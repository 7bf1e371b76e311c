"""The edges whose learned scores round to 1, over weights that stay as they were drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.clock.freezing import Freezing
from lth.method.criterion.ranks import ranks
from lth.method.effective.chosen import gated
from lth.method.effective.effective import Effective
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.l2 import L2
from lth.method.state import State
from lth.method.step.bounds import Bounds

SCORES = "scores"


@dataclass(frozen=True)
class GemMiner(Effective):
    """w · [s ≥ ½], with learned scores s between 0 and 1; the gradient goes straight through: w.

    Scores start evenly spread from 0 to 1 in each layer, in the order of |w|: with `signed`, sign(w)·σ_layer instead of
    w, which the source draws, these are lots. `rescaled`: each layer times its size over how many are chosen. What is
    measured has at least as many weights as the next pruning leaves, the highest. Source: Sreenivasan et al., Rare
    Gems: Finding Lottery Tickets at Initialization, 2022.
    """

    signed: bool = True
    rescaled: bool = False
    trained = (SCORES,)
    still = True
    aims = True

    def check(self, fit: Fit) -> None:
        """Raise ValueError where scores would begin anew, leave their range, or not be what is pruned by."""
        method = fit.method
        if not isinstance(method.clock, Freezing):
            raise ValueError("gives weights up while it looks for others: use it with pruning/clock=freezing")
        if method.restart.rewinds or method.restart.replays:
            raise ValueError("has scores that go on at every pruning: use it with pruning/rewind=none")
        if method.step != Bounds(SCORES, 0.0, 1.0):
            raise ValueError("has scores from 0 to 1: use it with pruning/step=bounds of scores, low=0 and high=1")
        if method.penalty is not None and (not isinstance(method.penalty, L2) or method.penalty.name != SCORES):
            raise ValueError("never trains a weight: use it with penalty=l2_scores or none")
        if method.criterion.open:
            raise ValueError("pursues counts that are given: use it with pruning.criterion.threshold=null")
        if method.biases:
            raise ValueError("chooses among weights alone: use it with pruning.biases=false")

    def begin(self, weight: Tensor, layout: Layout) -> State:
        """`scores` (R, size)."""
        found = torch.zeros_like(weight)
        for layer in range(layout.depth):
            sizes = layout.weight(weight, layer).flatten(1).abs()
            places = ranks(sizes, torch.ones_like(sizes, dtype=torch.bool))
            block = layout.weight(found, layer)
            block.copy_(((places + 0.5) / places.shape[1]).view_as(block))
        return {SCORES: found}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:  # noqa: ARG002
        """The chosen weights, the others 0."""
        scores = raw[SCORES]
        chosen = (scores.detach() >= 0.5).to(scores.dtype)
        return gated(raw, chosen + (scores - scores.detach()), layout, self.signed, self.rescaled)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """The same, and the highest of the others where these are fewer than will be left."""
        scores = raw[SCORES]
        unpruned = raw["mask"] & layout.is_weight(scores.shape[1]).to(scores.device)
        enough = ranks(scores, unpruned) >= (unpruned.sum(dim=1) - raw["goal"])[:, None]
        return gated(raw, ((scores >= 0.5) | enough).to(scores.dtype), layout, self.signed, self.rescaled)
