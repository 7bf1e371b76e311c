"""A ticket with too many weights to be told apart, laid out: groups of neurons in stacks, bands of weights between."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lth.ticket.picture.groups import Group, Stream, groups, streams
from lth.ticket.picture.scene import Scene

_LEAST, _GAP = 0.045, 0.03  # of a box and between two, where all weights between two layers are 1


@dataclass(frozen=True)
class Band:
    """A stream with its upper edge at both sides, and how wide it is."""

    stream: Stream
    left: float
    right: float
    wide: float


@dataclass(frozen=True)
class Flow:
    """Groups per layer with the upper and lower edge of every group's box, and bands between layers."""

    groups: Sequence[Sequence[Group]]
    edges: Sequence[Sequence[tuple[float, float]]]
    bands: Sequence[Sequence[Band]]

    @property
    def height(self) -> float:
        """From the uppermost edge to the lowest, where all weights between two layers are 1."""
        return 2 * max(layer[0][0] for layer in self.edges if layer)


def flow(scene: Scene) -> Flow:
    """Group the neurons, and stack each layer's boxes, each as high as the weights that it takes in or gives out."""
    found = groups(scene)
    between = streams(scene, found)
    edges = [_stacked(mine, between, layer) for layer, mine in enumerate(found)]
    bands = [_bands(mine, edges[layer], edges[layer + 1]) for layer, mine in enumerate(between)]
    return Flow(found, edges, bands)


def _stacked(mine: Sequence[Group], between: Sequence[Sequence[Stream]], layer: int) -> list[tuple[float, float]]:
    """Upper and lower edge of a layer's boxes, the middle of them all at 0."""
    shares = np.full(len(mine), _LEAST)
    for gap, end in ((layer - 1, True), (layer, False)):
        if 0 <= gap < len(between):
            shares = np.maximum(shares, _totals(between[gap], len(mine), end=end))
    top = (shares.sum() + _GAP * (len(mine) - 1)) / 2
    tops = top - (np.cumsum(shares + _GAP) - shares - _GAP)
    return [(float(high), float(high - share)) for high, share in zip(tops, shares, strict=True)]


def _totals(mine: Sequence[Stream], number: int, *, end: bool) -> np.ndarray:
    """Share of the weights between two layers that every group takes in (end) or gives out."""
    totals = np.zeros(number)
    for stream in mine:
        totals[stream.end if end else stream.start] += stream.number
    return totals / max(totals.sum(), 1)


def _bands(
    mine: Sequence[Stream], left: Sequence[tuple[float, float]], right: Sequence[tuple[float, float]]
) -> list[Band]:
    """The bands between two layers, in the order of their ends on both sides, so that few cross."""
    total = sum(stream.number for stream in mine)
    wide = [stream.number / total for stream in mine]
    starts = _ends([(stream.start, stream.end) for stream in mine], wide, left)
    ends = _ends([(stream.end, stream.start) for stream in mine], wide, right)
    return [Band(*found) for found in zip(mine, starts, ends, wide, strict=True)]


def _ends(sides: Sequence[tuple[int, int]], wide: Sequence[float], edges: Sequence[tuple[float, float]]) -> list[float]:
    """Upper edges, at one side, of bands that run from a box here to one there; all of a box's are centred at it."""
    found = [0.0] * len(sides)
    for index, (high, low) in enumerate(edges):
        own = sorted((there, band) for band, (here, there) in enumerate(sides) if here == index)
        at = (high + low) / 2 + sum(wide[band] for _, band in own) / 2
        for _, band in own:
            found[band] = at
            at -= wide[band]
    return found
