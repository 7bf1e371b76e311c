"""Keeps the neurons with the largest weights."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.ranges import one_of


@dataclass(frozen=True)
class NeuronNorm(Criterion):
    """Neurons with large trained weights are kept, whole: Σ w² of the `incoming` ones, or Σ|w| of the `outgoing`.

    Over all layers, so each is told as a multiple of the mean of its layer's unpruned neurons: a sum is of as many
    weights as there are neurons in the layer beside, and one layer would be emptied after the other where sums were
    compared. Raises ValueError for another side. Source: Li et al., Pruning Filters for Efficient ConvNets, 2017, who
    rank within a layer.
    """

    side: Literal["incoming", "outgoing"] = "incoming"
    neurons = True

    def __post_init__(self) -> None:
        one_of(self, "side", "incoming", "outgoing")

    def score(self, weights: Candidates) -> Tensor:
        """The norms over their layer's mean (R, hidden neurons)."""
        network = weights.whole
        rows = network.state["weight"] * network.state["mask"]
        return torch.stack([torch.cat([*map(_over_mean, self._norms(row[None], weights))]) for row in rows])

    def _norms(self, row: Tensor, weights: Candidates) -> list[Tensor]:
        layout = weights.whole.layout
        if self.side == "incoming":
            return [layout.weight(row, layer)[0].square().sum(dim=1) for layer in range(layout.depth - 1)]
        return [layout.weight(row, layer)[0].abs().sum(dim=0) for layer in range(1, layout.depth)]


def _over_mean(norms: Tensor) -> Tensor:
    """Norms of one layer over the mean of those that are not 0, as those of pruned neurons are."""
    return norms / norms[norms > 0].mean() if norms.any() else norms
