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

    Both are taken for as many weights as the neuron had when nothing was pruned: the sum times all over unpruned ones.
    Where the layer beside has lost neurons, the sum alone would be small for that, and one layer after the other would
    be emptied. Raises ValueError for another side. Source: Li et al., Pruning Filters for Efficient ConvNets, 2017, who
    rank within a layer.
    """

    side: Literal["incoming", "outgoing"] = "incoming"
    neurons = True

    def __post_init__(self) -> None:
        one_of(self, "side", "incoming", "outgoing")

    def score(self, weights: Candidates) -> Tensor:
        """The norms (R, hidden neurons)."""
        state = weights.whole.state
        return torch.stack(
            [
                self._norms(row[None], mask[None], weights)
                for row, mask in zip(state["weight"], state["mask"], strict=True)
            ]
        )

    def _norms(self, row: Tensor, mask: Tensor, weights: Candidates) -> Tensor:
        layout, incoming = weights.whole.layout, self.side == "incoming"
        layers = range(layout.depth - 1) if incoming else range(1, layout.depth)
        found = []
        for layer in layers:
            unpruned = layout.weight(mask, layer)[0]
            sizes = layout.weight(row, layer)[0] * unpruned
            powers, over = (sizes.square(), 1) if incoming else (sizes.abs(), 0)
            found.append(powers.sum(dim=over) * unpruned.shape[over] / unpruned.sum(dim=over).clamp(min=1))
        return torch.cat(found)
