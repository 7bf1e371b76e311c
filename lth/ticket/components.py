"""The connected components of a ticket's active weights, ignoring their direction."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from lth.ticket.states import State


def components(graph: csr_array, neurons: Sequence[np.ndarray]) -> tuple[tuple[np.ndarray, ...], int]:
    """Component of every neuron and the number of components, from the active graph and the neurons' states.

    Labels are one int32 array per layer from the inputs to the outputs, -1 for neurons that are not active.
    Components are numbered by their lowest output; every component has one, as active weights reach an output.
    Linear in the number of active weights.
    """
    starts = np.concatenate([[0], np.cumsum([len(layer) for layer in neurons])])
    flat = np.concatenate(neurons) == State.ACTIVE
    labels = np.full(len(flat), -1, dtype=np.int32)
    if not flat.any():
        return _split(labels, starts), 0
    _, found = connected_components(graph, directed=False)
    # Outputs first, so that the numbering follows them; np.unique alone would number by label.
    outputs = found[starts[-2] :][flat[starts[-2] :]]
    _, first = np.unique(outputs, return_index=True)
    order = outputs[np.sort(first)]
    number = np.full(len(flat), -1, dtype=np.int32)
    number[order] = np.arange(len(order))
    labels[flat] = number[found[flat]]
    return _split(labels, starts), len(order)


def active_graph(weights: Sequence[np.ndarray], values: Sequence[np.ndarray] | None = None) -> csr_array:
    """The active weights as a sparse (neurons, neurons) float64 matrix, from the states of all weights.

    Neurons are numbered layer after layer from the inputs; row = end, column = start of the weight. Entries are 1,
    or the weight's entry of `values`, kept even where it is 0.
    """
    sizes = [weights[0].shape[1], *(layer.shape[0] for layer in weights)]
    start = 0
    counts, columns, entries = [np.zeros(sizes[0], dtype=np.int64)], [], []
    for layer, state in enumerate(weights):
        active = state == State.ACTIVE
        counts.append(np.count_nonzero(active, axis=1))
        columns.append((np.nonzero(active)[1] + start).astype(np.int32))
        if values is not None:
            entries.append(values[layer][active])
        start += sizes[layer]
    indices = np.concatenate(columns)
    data = np.ones(len(indices)) if values is None else np.concatenate(entries).astype(np.float64)
    rows = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return csr_array((data, indices, rows.astype(np.int32)), shape=(sum(sizes), sum(sizes)))


def _split(flat: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(flat[begin:end] for begin, end in pairwise(starts))
