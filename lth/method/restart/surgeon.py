"""On from where training ended, what is left making up for what went."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from lth.method.criterion.bending import Bending
from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Surgeon(Bending, Restart):
    """No rewinding; the kept parameters move by H_KK⁻¹ H_KQ w_Q, so that the loss rises least without the pruned w_Q.

    H is the Gauss-Newton matrix on `samples` examples, with `damping` on its diagonal; in float64. For a single weight
    this is Optimal Brain Surgeon's −w_q / [H⁻¹]_qq · H⁻¹ e_q. The optimiser starts afresh. Raises ValueError unless
    samples >= 1 and damping > 0. Source: Hassibi & Stork, Second Order Derivatives for Network Pruning: Optimal Brain
    Surgeon, 1993.
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)
    rewinds = False
    replays = False

    def restart(self, stack: Pruned) -> Tensor:
        """The trained values of what is kept, moved."""
        found = stack.trained.clone()
        if stack.network is None:
            return found
        for place, seed in enumerate(stack.seeds):
            before, after = stack.network.state["mask"][place], stack.mask[place]
            free, row = before.nonzero().flatten(), (stack.trained[place] * before).double()
            matrix = self.matrix(stack.network, row, seed, max(stack.level - 1, 0), free)
            kept = after[free]
            pull = matrix[kept][:, ~kept] @ row[free][~kept]
            moved = (
                row[free][kept]
                + torch.cholesky_solve(pull[:, None], torch.linalg.cholesky(matrix[kept][:, kept]))[:, 0]
            )
            found[place, free[kept]] = moved.to(found.dtype)
        return found
