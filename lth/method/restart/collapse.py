"""On from the values that weights have in common."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from lth.method.fit import Fit
from lth.method.mixture import Components
from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Collapse(Restart):
    """Every weight becomes the mean of the component that it most probably belongs to; biases keep what was trained.

    What is kept belongs to another component than that at 0, the nearest where need be, for the count is the
    schedule's. The optimiser starts afresh. Raises ValueError without pruning/effective=shared_mixture. Source: Ullrich
    et al., Soft Weight-Sharing for Neural Network Compression, 2017.
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)
    rewinds = False
    replays = False

    def check(self, fit: Fit) -> None:
        """There must be a mixture."""
        fit.needs("shared_mixture", "means", "log_deviations", "logits")

    def restart(self, stack: Pruned) -> Tensor:
        """The means of components 1 and up, (R, size)."""
        if "means" not in stack.state:
            return stack.trained.clone()
        found = Components.of(stack.state)
        nearest = found.log_joint(stack.trained)[:, 1:, : stack.trained.shape[1]].argmax(dim=1)
        means = found.means[:, 1:].gather(1, nearest)
        is_weight = stack.layout.is_weight(stack.trained.shape[1]).to(means.device)
        return torch.where(is_weight, means, stack.trained)
