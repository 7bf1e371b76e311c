"""Pruning that parts the tasks at a known level, and the controls of tickets that separate."""

import torch
from torch import Tensor

from lth.controls.known import Control
from lth.method.criterion.criterion import Candidates

NEW: tuple[Control, ...] = ("before", "bridge", "within", "cut", "random_cut", "swapped")


def halves(candidates: Candidates) -> Tensor:
    """|weight|, and more for those within one half of the network: the tasks are parted once the others are gone."""
    layout = candidates.whole.layout
    bonus = torch.zeros(1, layout.size)
    for layer in range(layout.depth):
        weight = layout.weight(bonus, layer)[0]
        ends, starts = weight.shape
        weight[: ends // 2, : starts // 2] = weight[ends // 2 :, starts // 2 :] = 100.0
    return candidates.trained.abs() + bonus[:, candidates.whole.index]
