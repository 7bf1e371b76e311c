"""Keeps what lets gradients flow."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.criterion.examples import balanced
from lth.method.ranges import above_zero, at_least


@dataclass(frozen=True)
class Grasp(Criterion):
    """Prune the largest −w · Hg, whose going leaves the most of ‖g‖², the gradient's square by the unpruned weights.

    g and H are those of the loss of logits / `temperature`, on `samples` examples, of every class as many; in float64.
    Raises ValueError unless samples >= 1 and temperature > 0. Source: Wang et al., Picking Winning Tickets Before
    Training by Preserving Gradient Flow, 2020.
    """

    samples: int = 100
    temperature: float = 200.0

    def __post_init__(self) -> None:
        at_least(1, self, "samples")
        above_zero(self, "temperature")

    def score(self, weights: Candidates) -> Tensor:
        """w · Hg, (R, N) float64: the largest are kept."""
        network, found = weights.whole, []
        for place, seed in enumerate(weights.seeds):
            mask = network.state["mask"][place]
            row = (network.state["weight"][place] * mask).double().requires_grad_()
            drawn = balanced(network.dataset, seed, weights.level, self.samples)
            with torch.enable_grad():
                loss = network.loss(row, drawn, self.temperature)
                (gradient,) = torch.autograd.grad(loss, row, create_graph=True)
                left = (gradient * mask)[network.index]
                (product,) = torch.autograd.grad((left * left.detach()).sum(), row)
            found.append((row * product).detach()[network.index])
        return torch.stack(found)
