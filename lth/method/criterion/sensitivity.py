"""How the loss would feel a factor on every parameter."""

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates
from lth.method.criterion.examples import balanced


def sensitivity(weights: Candidates, samples: int) -> Tensor:
    """∂L/∂c = w · ∂L/∂w of all parameters, (R, size), with c = 1 what each is multiplied with, on so many examples."""
    network, found = weights.whole, torch.empty_like(weights.whole.state["weight"])
    for place, seed in enumerate(weights.seeds):
        row = (network.state["weight"][place] * network.state["mask"][place]).requires_grad_()
        with torch.enable_grad():
            loss = network.loss(row, balanced(network.dataset, seed, weights.level, samples))
            (gradient,) = torch.autograd.grad(loss, row)
        found[place] = (row * gradient).detach()
    return found
