"""Pruned weights take part where they are held."""

# ruff: noqa: ARG002 - a map uses only what it needs

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.effective import Effective
from lth.method.layout import Layout
from lth.method.state import State

HELD = "held"


@dataclass(frozen=True)
class Freeze(Effective):
    """w · m + held · (1 − m): pruned weights stay, untrained, where the last restart put them, at first the anchor.

    So a mask no longer says what is 0; structure is still told by the mask. Source: Zhou et al., Deconstructing Lottery
    Tickets, 2019 (freeze_init).
    """

    trained = ("weight",)
    still = True
    dense = True

    def begin(self, weight: Tensor, layout: Layout) -> State:
        """What pruned weights will be held at."""
        return {HELD: weight.clone()}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """See Effective."""
        return self.measured(raw, layout)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """See Effective."""
        return torch.where(raw["mask"], raw["weight"], raw[HELD])
