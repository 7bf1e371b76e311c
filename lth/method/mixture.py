"""The mixture of normal distributions that the weights of a seed share, as it is kept in the state.

`components` (R,) counts them, component 0 included. `means`, `log_deviations` and `logits` hold them in the first
places of rows (R, W): component 0 has mean 0, and the share sigmoid(logits[0]), which is not trained; the others share
the rest by the softmax of their logits.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.blocks import in_blocks


@dataclass(frozen=True, eq=False)
class Components:
    """Means, log deviations and log shares, (R, J) each; component 0 first."""

    means: Tensor
    log_deviations: Tensor
    log_shares: Tensor

    @classmethod
    def of(cls, raw: Mapping[str, Tensor]) -> "Components":
        """Those of a state, differentiable in its rows."""
        count = int(raw["components"][0])
        logits, means = raw["logits"][:, :count], raw["means"][:, :count]
        zero = logits[:, :1].detach()
        others = logits[:, 1:].log_softmax(dim=1) + torch.nn.functional.logsigmoid(-zero)
        shares = torch.cat([torch.nn.functional.logsigmoid(zero), others], dim=1)
        centred = torch.cat([torch.zeros_like(means[:, :1]), means[:, 1:]], dim=1)
        return cls(centred, raw["log_deviations"][:, :count], shares)

    def log_joint(self, weights: Tensor) -> Tensor:
        """log π_j + log N(w | μ_j, σ_j²) of every component and weight, (R, J, W padded to whole blocks)."""
        far = (in_blocks(weights)[:, None] - self.means[..., None]) * (-self.log_deviations).exp()[..., None]
        level = self.log_shares - self.log_deviations - math.log(2 * math.pi) / 2
        return level[..., None] - far.square() / 2
