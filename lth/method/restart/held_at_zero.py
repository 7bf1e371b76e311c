"""Back to the start, but for what shrank."""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from lth.method.effective.freeze import HELD
from lth.method.fit import Fit
from lth.method.ranges import one_of
from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class HeldAtZero(Restart):
    """Back to the anchor, but what moved towards zero, |trained| < |anchor|, is held at 0.

    `which`: only pruned weights, or all: kept ones then start from 0. What was pruned before stays where it is held.
    Raises ValueError for another `which`; fits effective weights `freeze` alone, which hold pruned weights. Source:
    Zhou et al., Deconstructing Lottery Tickets, 2019 (freeze_init_zero_mask, freeze_init_zero_all).
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)
    which: Literal["pruned", "all"] = "pruned"

    def __post_init__(self) -> None:
        one_of(self, "which", "pruned", "all")

    def check(self, fit: Fit) -> None:
        """See Part."""
        if fit.method.effective is None or not fit.method.effective.dense:
            raise ValueError("holds pruned weights at values of their own: needs pruning/effective=freeze")

    def restart(self, stack: Pruned) -> Tensor:
        """The anchor or 0; for what was pruned before, what it is held at."""
        held, before = stack.state[HELD], stack.state["mask"]
        shrank = (stack.trained.abs() < stack.anchor.abs()) & stack.layout.is_weight(stack.layout.size).to(held.device)
        if self.which == "pruned":
            shrank &= ~stack.mask
        return torch.where(before, torch.where(shrank, 0.0, stack.anchor), held)
