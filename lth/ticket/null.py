"""Two null models of a ticket's masks: is what they show more than sparsity, more than the degrees of the neurons?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from lth.ticket.draws import Draws

Model = Literal["random", "rewired"]
TRADES = 20  # global trades of a draw; `tests/ticket/test_null.py` shows that a draw has forgotten its ticket by then


def generator(seed: int, level: int, model: Model) -> np.random.Generator:
    """The generator of one ticket's draws, from its seed, its level and the model alone."""
    return np.random.default_rng([get_args(Model).index(model), seed, level])


def random_masks(masks: Sequence[np.ndarray], draws: int, rng: np.random.Generator) -> Draws:
    """`draws` uniformly random masks with as many unpruned weights per layer as `masks`, (out, in) bool each.

    The structure that a layer's density alone gives (Erdős and Rényi, 1959, for each layer's bipartite graph).
    """
    ends, starts = [], []
    for mask in masks:
        kept = int(np.count_nonzero(mask))
        places = np.stack([rng.choice(mask.size, kept, replace=False, shuffle=False) for _ in range(draws)])
        ends.append(places // mask.shape[1])
        starts.append(places % mask.shape[1])
    return Draws(_shape(masks), tuple(ends), tuple(starts))


def rewired_masks(masks: Sequence[np.ndarray], draws: int, rng: np.random.Generator, trades: int = TRADES) -> Draws:
    """`draws` random masks in which every neuron keeps its unpruned weights in and out; masks (out, in) bool per layer.

    Every draw is the end of its own chain of global curveball trades from the ticket: the neurons of one of the layer's
    sides, in turn, are paired by lot, and each pair deals out by lot the neighbours that only one of the two has. The
    chain's limit is uniform over all masks with these row and column sums (Carstens, Hamann, Meyer, Penschuck, Tran
    and Wagner, 2018; Strona et al., 2014, for one trade). Cost: trades × draws × unpruned weights × their logarithm.
    """
    ends, starts = zip(*(_rewire(mask, draws, trades, rng) for mask in masks), strict=True)
    return Draws(_shape(masks), ends, starts)


def _shape(masks: Sequence[np.ndarray]) -> tuple[int, ...]:
    return (masks[0].shape[1], *(mask.shape[0] for mask in masks))


def _rewire(mask: np.ndarray, draws: int, trades: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Ends and starts (D, n) of one layer's weights after that many global trades of every draw."""
    # A neuron without weights stays without, so it takes no part: what is left mixes far sooner.
    (ends, end), (starts, start) = (np.unique(edges, return_inverse=True) for edges in np.nonzero(mask))
    rows, columns, shape = np.tile(end, (draws, 1)), np.tile(start, (draws, 1)), (len(ends), len(starts))
    fixed = len(end) in (0, shape[0] * shape[1]) or min(shape) == 1  # one mask alone has such sums
    enough = 0 if fixed else 1 if min(shape) == 2 else trades  # of two rows a single trade is a uniform draw
    for trade in range(enough):
        # Sides take turns: among rows alone, one with many weights passes on hardly any of them at a time.
        if (shape[0] <= shape[1]) == (trade % 2 == 0):
            rows, columns = _trade(rows, columns, shape, rng)
        else:
            columns, rows = _trade(columns, rows, shape[::-1], rng)
    return ends[rows], starts[columns]


def _trade(
    rows: np.ndarray, columns: np.ndarray, shape: tuple[int, ...], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """One global trade of every draw: rows in places 2k and 2k+1 of a random order deal their own columns anew."""
    seats = rng.permuted(np.tile(np.arange(shape[0]), (len(rows), 1)), axis=1)
    occupants = np.argsort(seats, axis=1)
    seat = np.take_along_axis(seats, rows, axis=1)
    bits = (shape[1] - 1).bit_length()
    # One number per edge, (pair, column, side), so that a sort brings a column that both rows have together.
    keys = np.sort((((seat >> 1) << bits | columns) << 1) | (seat & 1), axis=1)
    twin = np.zeros(keys.shape, dtype=bool)
    twin[:, 1:] = keys[:, 1:] >> 1 == keys[:, :-1] >> 1
    twin[:, :-1] |= twin[:, 1:]
    loose = ~twin
    pair = keys >> (bits + 1)
    group = (pair + np.arange(len(rows))[:, None] * (shape[0] // 2 + 1))[loose]
    keys[loose] ^= (keys[loose] & 1) ^ _shuffled(group, keys[loose] & 1, rng)
    columns = (keys >> 1) & ((1 << bits) - 1)
    return np.take_along_axis(occupants, (pair << 1) | (keys & 1), axis=1), columns


def _shuffled(group: np.ndarray, side: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The sides (n,) of 0 and 1 in random order within each group; the groups are numbered upwards."""
    if not len(group):
        return side
    # The groups stand in order, so sorted by (group, lot) each keeps its places and its sides are shuffled.
    room = 62 - int(group[-1]).bit_length()
    lots = rng.integers(0, 1 << room, len(group))
    return np.sort((group << room | lots) << 1 | side) & 1
