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

    Raises ValueError for another side. Source: Li et al., Pruning Filters for Efficient ConvNets, 2017.
    """

    side: Literal["incoming", "outgoing"] = "incoming"
    neurons = True

    def __post_init__(self) -> None:
        one_of(self, "side", "incoming", "outgoing")

    def score(self, weights: Candidates) -> Tensor:
        """The norms (R, hidden neurons)."""
        network = weights.whole
        rows = network.state["weight"] * network.state["mask"]
        return torch.stack([self._norms(row[None], weights) for row in rows])

    def _norms(self, row: Tensor, weights: Candidates) -> Tensor:
        layout = weights.whole.layout
        if self.side == "incoming":
            found = [layout.weight(row, layer)[0].square().sum(dim=1) for layer in range(layout.depth - 1)]
        else:
            found = [layout.weight(row, layer)[0].abs().sum(dim=0) for layer in range(1, layout.depth)]
        return torch.cat(found)
