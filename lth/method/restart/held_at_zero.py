"""Back to the start, but for what shrank."""

from dataclasses import dataclass, field
from typing import Literal, get_args

import torch
from torch import Tensor

from lth.method.effective.freeze import HELD
from lth.method.fit import Fit
from lth.method.ranges import one_of
from lth.method.restart.layerwise import drawn_order
from lth.method.restart.restart import Pruned, Restart

Which = Literal["pruned", "all", "grown", "lots"]


@dataclass(frozen=True)
class HeldAtZero(Restart):
    """Back to the anchor, but what moved towards zero, |trained| < |anchor|, is held at 0.

    `which`: only pruned weights, or all: kept ones then start from 0. Controls: `grown`, the reverse, pruned weights
    that moved away from zero; `lots`, as many pruned ones of every layer as shrank, whichever. What was pruned before
    stays where it is held. Raises ValueError for another `which`; fits effective weights `freeze` alone, which hold
    pruned weights. Source: Zhou et al., Deconstructing Lottery Tickets, 2019 (freeze_init_zero_mask, _all, _rev and
    _reshuffle).
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)
    which: Which = "pruned"

    def __post_init__(self) -> None:
        one_of(self, "which", *get_args(Which))

    def check(self, fit: Fit) -> None:
        """See Part."""
        if fit.method.effective is None or not fit.method.effective.dense:
            raise ValueError("holds pruned weights at values of their own: needs pruning/effective=freeze")

    def restart(self, stack: Pruned) -> Tensor:
        """The anchor or 0; for what was pruned before, what it is held at."""
        held, before = stack.state[HELD], stack.state["mask"]
        return torch.where(before, torch.where(self._zero(stack), 0.0, stack.anchor), held)

    def _zero(self, stack: Pruned) -> Tensor:
        """Which of the weights, (R, size) bool, are 0."""
        now, old = stack.trained.abs(), stack.anchor.abs()
        weights = stack.layout.is_weight(stack.layout.size).to(now.device)
        gone = ~stack.mask & stack.state["mask"] & weights
        if self.which == "lots":
            return _by_lot(stack, gone, gone & (now < old))
        if self.which == "grown":
            return gone & (now > old)
        return (now < old) & (weights if self.which == "all" else gone)


def _by_lot(stack: Pruned, gone: Tensor, counted: Tensor) -> Tensor:
    """As many of what has `gone` as are `counted`, seed by seed and layer by layer."""
    found = torch.zeros_like(gone)
    for layer in range(stack.layout.depth):
        blocks = (stack.layout.weight(rows, layer) for rows in (gone, counted, found))
        for of, number, chosen, order in zip(*blocks, drawn_order(stack, layer), strict=True):
            places = order[of.flatten()[order]][: int(number.sum())]
            chosen.view(-1)[places] = True
    return found
