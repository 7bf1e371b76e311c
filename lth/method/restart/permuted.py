"""The values of the start in another order."""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from lth.method.ranges import one_of
from lth.method.restart.layerwise import drawn_order, rescaled
from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Permuted(Restart):
    """Survivors start at anchors of their layer in a random order: those of `all` its weights, or of the `kept` ones.

    `signed`: each keeps the sign of its own anchor. `rescaled`: times the layer's size over its unpruned weights.
    Biases and pruned weights go back to the anchor. Raises ValueError for other values. Source: Zhou et al.,
    Deconstructing Lottery Tickets, 2019 (random reinit, reshuffle).
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)
    values: Literal["all", "kept"] = "all"
    signed: bool = False
    rescaled: bool = False

    def __post_init__(self) -> None:
        one_of(self, "values", "all", "kept")

    def restart(self, stack: Pruned) -> Tensor:
        """Permuted anchors where something is left."""
        found = stack.anchor.clone()
        for layer in range(stack.layout.depth):
            weights, mask = (stack.layout.weight(rows, layer) for rows in (found, stack.mask))
            values = self._order(weights, mask, drawn_order(stack, layer))
            if self.signed:
                values = values.abs() * weights.sign()
            values = rescaled(values, mask) if self.rescaled else values
            weights.copy_(torch.where(mask, values, weights))
        return found

    def _order(self, weights: Tensor, mask: Tensor, order: Tensor) -> Tensor:
        """The layer's values (R, out, in) in this order (R, out · in), where they are kept ones among themselves."""
        if self.values == "all":
            return weights.flatten(1).gather(1, order).view_as(weights)
        found = weights.flatten(1).clone()
        for row, kept, places in zip(found, mask.flatten(1), order, strict=True):
            row[kept] = row[places[kept[places]]]
        return found.view_as(weights)
