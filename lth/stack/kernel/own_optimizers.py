"""PyTorch's optimisers for seeds that the kernel trains a step at a time: where its own rules do not do."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from lth.method.state import State
from lth.stack.memory import rates, recall, remember, scale
from lth.stack.recipe import Recipe


class OwnOptimizers:
    """One optimiser for each seed, on tensors of its own that share the rows' memory."""

    def __init__(self, recipe: Recipe, rows: State) -> None:
        self._trained = recipe.trained
        self._optimizers: list[torch.optim.Optimizer] = []
        for place in range(len(rows["weight"])):
            parameters = {name: torch.nn.Parameter(rows[name][place]) for name in recipe.trained}
            optimizer = recipe.optimizer(list(parameters.values()))
            recall(optimizer, parameters, {name: tensor[place] for name, tensor in rows.items()})
            self._optimizers.append(optimizer)
        self._rates = [rates(optimizer) for optimizer in self._optimizers]

    def move(self, gradients: Mapping[str, Tensor], factors: Sequence[np.ndarray], steps: int) -> None:
        """A step of every seed along its gradients, in the order of what is trained; `steps` were taken before."""
        for place, optimizer in enumerate(self._optimizers):
            scale(optimizer, self._rates[place], factors[place], steps)
            for parameter, gradient in zip(optimizer.param_groups[0]["params"], gradients.values(), strict=True):
                parameter.grad = gradient[place]
            optimizer.step()

    def memory(self, place: int) -> State:
        """What the optimiser of a seed remembers."""
        optimizer = self._optimizers[place]
        return remember(optimizer, dict(zip(self._trained, optimizer.param_groups[0]["params"], strict=True)))
