"""Which neurons and weights a seed must train, and the packing that holds them."""

from bisect import bisect_left
from collections.abc import Sequence

import torch
from torch import Tensor

from lth.stack.layers import Pattern
from lth.stack.layout import padded_neurons
from lth.stack.packing import Packing

# Small compact widths come from a coarse grid, so that seeds of similar tickets share a shape and train together;
# above it seeds train best one by one, and widths need only be even.
GRID = (16, 32, 64, 96, 128)
STEP = 16
# A hidden layer of so many places trains sparse up to this density, because it is faster: `make bench`, "products".
SPARSE_DENSITY = ((192 * 192, 0.2), (128 * 128, 0.14))


def pack(masks: Sequence[Tensor], neurons: Sequence[Tensor]) -> Packing:
    """The packing of a seed whose masks (out, in) are known and of whose neurons these train.

    It depends on this seed alone, never on the seeds beside it. Where a layer is sparse enough, no neuron is padded.
    """
    # The first and the last layer are as narrow as the inputs and outputs: they stay dense.
    between = list(zip(masks, neurons, neurons[1:], strict=False))
    patterns = [_pattern(mask[out][:, into]) for mask, into, out in between[1:-1]]
    if any(patterns):
        return Packing([len(indices) for indices in neurons], [None, *patterns, None])
    full = (masks[0].shape[1], *(len(mask) for mask in masks))
    return Packing(compact_widths(neurons, full))


def _pattern(mask: Tensor) -> Pattern | None:
    limit = next((density for places, density in SPARSE_DENSITY if mask.numel() >= places), None)
    if limit is None or int(mask.sum()) > limit * mask.numel():
        return None
    out, into = mask.shape
    return Pattern.of(mask, (padded_neurons(out), padded_neurons(into)))


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
    return min(full, GRID[place] if place < len(GRID) else -(-count // STEP) * STEP)
