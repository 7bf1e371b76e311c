"""Where the viewer draws the neurons of a seed: the same place at every level, so that nothing jumps."""

from collections.abc import Sequence

import numpy as np

from lth.report.chain import Drawn
from lth.ticket import State, Structure
from lth.ticket.layout import layout


def places(drawn: Sequence[Drawn]) -> list[np.ndarray]:
    """Height of every neuron per layer, from 0 (top) to 1, NaN for hidden neurons without weights in all these levels.

    What is active at the level at which the network comes apart stands as in the picture of that level; the others fill
    the gaps between.
    """
    heights = _wanted(_telling(drawn).structure)
    present = [
        np.any([_weighted(one, layer) for one in drawn], axis=0) if 0 < layer < len(heights) - 1 else None
        for layer in range(len(heights))
    ]
    return [y if here is None else _slots(y, here) for y, here in zip(heights, present, strict=True)]


def _telling(drawn: Sequence[Drawn]) -> Drawn:
    """The level that says most: the first separated one, else the last that is not degraded, else the last."""
    separated = [one for one in drawn if one.status == "separated"]
    whole = [one for one in drawn if one.status != "degraded"]
    return separated[0] if separated else (whole or list(drawn))[-1]


def _wanted(structure: Structure) -> list[np.ndarray]:
    """The picture's heights, from 0 to 1, of inputs, outputs and active hidden neurons, NaN for the others."""
    y = [-layer for layer in layout(structure).y]
    for layer, states in zip(y[1:-1], structure.neurons[1:-1], strict=True):
        layer[states != State.ACTIVE] = np.nan
    known = np.concatenate(y)
    known = known[~np.isnan(known)]
    return [(layer - known.min() + 0.5) / (np.ptp(known) + 1) for layer in y]


def _weighted(one: Drawn, layer: int) -> np.ndarray:
    """Which neurons of a hidden layer have any weight (neurons,) bool."""
    return np.logical_or(one.ticket.masks[layer - 1].any(axis=1), one.ticket.masks[layer].any(axis=0))


def _slots(wanted: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Even places for the present neurons: survivors near the height they want, in its order, others in the gaps."""
    y = np.full(len(wanted), np.nan)
    number = int(present.sum())
    survivors = np.flatnonzero(present & ~np.isnan(wanted))
    survivors = survivors[np.argsort(wanted[survivors], kind="stable")]
    slots = np.round(wanted[survivors] * number - 0.5).astype(int)
    for index in range(1, len(slots)):
        slots[index] = max(slots[index], slots[index - 1] + 1)
    for index in range(len(slots) - 1, -1, -1):
        slots[index] = min(slots[index], number - len(slots) + index)
    slots = np.maximum(slots, np.arange(len(slots)))
    others = np.flatnonzero(present & np.isnan(wanted))
    y[survivors] = (slots + 0.5) / max(number, 1)
    y[others] = (np.setdiff1d(np.arange(number), slots) + 0.5) / max(number, 1)
    return y
