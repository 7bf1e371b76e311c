"""Back to the signs of the start alone."""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from lth.method.ranges import one_of
from lth.method.restart.layerwise import drawn_order, rescaled
from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class SignConstant(Restart):
    """Survivors start at sign(anchor) · σ, with σ the deviation that their layer's values are drawn with.

    `signs`: their own, or the layer's own in a random order (the control). `rescaled`: times the layer's size over its
    unpruned weights. Biases and pruned weights go back to the anchor. Raises ValueError for other signs. Source: Zhou
    et al., Deconstructing Lottery Tickets, 2019.
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)
    signs: Literal["own", "permuted"] = "own"
    rescaled: bool = False

    def __post_init__(self) -> None:
        one_of(self, "signs", "own", "permuted")

    def restart(self, stack: Pruned) -> Tensor:
        """±σ where something is left."""
        found = stack.anchor.clone()
        for layer, deviation in enumerate(stack.deviations):
            weights, mask = (stack.layout.weight(rows, layer) for rows in (found, stack.mask))
            signs = torch.where(weights < 0, -1.0, 1.0).to(weights.dtype)
            if self.signs == "permuted":
                order = drawn_order(stack, layer)
                signs = signs.flatten(1).gather(1, order).view_as(signs)
            values = rescaled(signs * deviation, mask) if self.rescaled else signs * deviation
            weights.copy_(torch.where(mask, values, weights))
        return found
