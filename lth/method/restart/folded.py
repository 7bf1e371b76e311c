"""On from where training ended, without what zombies say."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from lth.method.alive import reached
from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Folded(Restart):
    """No rewinding; what a neuron says that no input reaches any more, relu(b), goes into the biases that hear it.

    b ← b + W relu(b_z) over the zombies z with their trained weights, layer by layer, for these weights may be pruned
    from now on; then such a neuron's own weights are 0. The optimiser starts afresh, or goes on when it is `carried`.
    Source: All-Alive Pruning, submitted to ICLR 2021.
    """

    step: int = field(default=0, init=False)
    carried: bool = False
    rewinds = False
    replays = False

    def restart(self, stack: Pruned) -> Tensor:
        """The trained values, biases changed."""
        found, layout = stack.trained.clone(), stack.layout
        for row, mask in zip(found, stack.mask, strict=True):
            heard = reached(mask, layout)
            for layer in range(1, layout.depth):
                weight, bias = layout.weight(row[None], layer)[0], layout.bias(row[None], layer)[0]
                said = torch.where(heard[layer], 0, layout.bias(row[None], layer - 1)[0].relu())
                bias += weight @ said
                weight *= heard[layer]
        return found
