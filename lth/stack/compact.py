"""Which hidden neurons a seed must train, and the compact shape that holds them."""

from bisect import bisect_left
from collections.abc import Sequence

import torch
from torch import Tensor

# Compact widths come from this grid alone: coarse, so that seeds of similar tickets share a shape and train together.
GRID = (16, 32, 64, 96, 128, 192, 256, 320, 384, 448, 512, 640, 768, 896, 1024)


def speaking_neurons(masks: Sequence[Tensor]) -> list[Tensor]:
    """The indices per layer of the neurons that reach an output, inputs and outputs always among them.

    The others get no gradient: without decay, penalty or noise they stay at their values, so that training without
    them is exact. Zombies reach an output and stay. `masks[l]` is bool (out, in); time linear in the weights.
    """
    reaching = torch.ones(masks[-1].shape[0], dtype=torch.bool)
    layers = [reaching]
    for mask in reversed(masks[1:]):
        reaching = mask[reaching].any(dim=0)
        layers.append(reaching)
    layers.append(torch.ones(masks[0].shape[1], dtype=torch.bool))
    return [layer.nonzero().flatten() for layer in reversed(layers)]


def compact_widths(neurons: Sequence[Tensor], full: Sequence[int]) -> tuple[int, ...]:
    """The widths that hold these neurons: each hidden count rounded up to the grid, at most the full width.

    They depend on this seed's own counts alone, never on the seeds beside it.
    """
    hidden = [_round_up(len(indices), width) for indices, width in zip(neurons[1:-1], full[1:-1], strict=True)]
    return (full[0], *hidden, full[-1])


def _round_up(count: int, full: int) -> int:
    place = bisect_left(GRID, count)
    return min(full, GRID[place]) if place < len(GRID) else full
