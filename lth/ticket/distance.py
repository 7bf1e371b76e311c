"""How far a ticket is from a split: the fewest, or the smallest, active weights whose removal parts its tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from lth.data.dataset import Task
from lth.ticket.components import active_graph
from lth.ticket.states import State
from lth.ticket.status import Status

# scipy's flows are int32, and a residual is a capacity plus at most as much flow: sums up to 2**29 leave room for both.
_TOTAL = 2**29


@dataclass(frozen=True)
class _Edges:
    """Undirected weighted edges between neurons (E,), and the task that each neuron is tied to, or -1 (neurons,)."""

    a: np.ndarray
    b: np.ndarray
    capacity: np.ndarray
    magnitude: np.ndarray
    task: np.ndarray


def distances(
    graph: csr_array,
    states: Sequence[np.ndarray],
    weights: Sequence[np.ndarray] | None,
    neurons: Sequence[np.ndarray],
    tasks: Sequence[Task],
    status: Status,
    parts: Sequence[Sequence[int]],
) -> tuple[int | None, float | None]:
    """Both distances of a ticket to a split, (cut, cut_magnitude): 0 exactly when the ticket is separated.

    A degraded or fragmented ticket whose tasks share no component (a task without active inputs and outputs shares
    none) has no split ahead of it and is not separated either: None. Where its tasks do share one, it has a cut.
    cut_magnitude is None without weights, or when an active one is not finite.
    """
    known = weights is not None and all(
        np.isfinite(layer[state == State.ACTIVE]).all() for layer, state in zip(weights, states, strict=True)
    )
    if len(parts) == len(tasks):
        return (0, 0.0 if known else None) if status == "separated" else (None, None)
    flat = _tied(neurons, tasks)
    magnitude = cut(active_graph(states, weights), flat, len(tasks), magnitude=True) if known else None
    return round(cut(graph, flat, len(tasks))), magnitude


def cut(graph: csr_array, task: np.ndarray, number: int, *, magnitude: bool = False) -> float:
    """Least total capacity of active weights whose removal parts the tasks, by maximum flow.

    `graph` is the (neurons, neurons) matrix of the active weights; `task` (neurons,) the task that an active input or
    output belongs to, -1 for every other neuron; `number` = K. A weight's capacity is 1, or |its entry in graph| with
    `magnitude`. Each task's inputs and outputs are tied together into one terminal. Exact for two tasks; for more, the
    sum of the isolating cuts without the largest, at most 2 - 2/K times the least (Dahlhaus et al., The complexity of
    multiterminal cuts, 1994). 0 when the tasks are parted, and when there is one task alone.

    Magnitudes are scaled to int32 so that they sum to 2**29, and each counts at least 1; the weights of the cut that
    is found are then added up in float64. So the result is the exact size of a cut that parts the tasks, and at most
    E * sum|w| / 2**28 above the least one, with E active weights. Raises ValueError for magnitudes that are not finite.
    """
    edges = _edges(graph, task, magnitude)
    return float(sum(float(edges.magnitude[crossing].sum()) for crossing in _isolating(edges, number)))


def least_cut(
    states: Sequence[np.ndarray], neurons: Sequence[np.ndarray], tasks: Sequence[Task]
) -> tuple[np.ndarray, ...]:
    """Which weights make up a cut of the size that `distances` calls `cut`, one bool array (out, in) per layer.

    `states` and `neurons` as in a Structure. Of several least cuts it is the one nearest to the first task. For more
    than two tasks a weight of two isolating cuts is there once, so there may be fewer than `cut`.
    """
    edges = _edges(active_graph(states), _tied(neurons, tasks), magnitude=False)
    crossing = np.zeros(len(edges.a), dtype=bool)
    for isolating in _isolating(edges, len(tasks)):
        crossing |= isolating
    found = tuple(np.zeros(layer.shape, dtype=bool) for layer in states)
    first = np.cumsum([0, *(len(layer) for layer in neurons)])
    for start, end in zip(edges.b[crossing].tolist(), edges.a[crossing].tolist(), strict=True):
        layer = int(np.searchsorted(first, start, side="right")) - 1
        found[layer][end - first[layer + 1], start - first[layer]] = True
    return found


def _tied(neurons: Sequence[np.ndarray], tasks: Sequence[Task]) -> np.ndarray:
    """(neurons,) the task that an active input or output belongs to, -1 for every other neuron."""
    tied = [np.full(len(layer), -1) for layer in neurons]
    for index, task in enumerate(tasks):
        for layer, block in ((0, task.inputs), (-1, task.outputs)):
            tied[layer][[neuron for neuron in block if neurons[layer][neuron] == State.ACTIVE]] = index
    return np.concatenate(tied)


def _isolating(edges: _Edges, number: int) -> list[np.ndarray]:
    """The isolating cuts that together part the tasks, (E,) bool each: all but the largest one."""
    terminals = [index for index in range(number) if (edges.task == index).any()]
    if len(terminals) < 2:
        return []
    # With two terminals both isolating cuts are the same one.
    cuts = [_isolate(edges, index) for index in (terminals[:1] if len(terminals) == 2 else terminals)]
    return cuts if len(cuts) == 1 else sorted(cuts, key=lambda crossing: edges.magnitude[crossing].sum())[:-1]


def _edges(graph: csr_array, task: np.ndarray, magnitude: bool) -> _Edges:
    pairs = coo_array(graph)
    size = np.abs(pairs.data) if magnitude else np.ones(pairs.nnz)
    if not np.isfinite(size).all():
        raise ValueError("cut_magnitude needs finite weights")
    total = size.sum()
    scaled = np.maximum(np.rint(size * (_TOTAL / total)), 1) if magnitude and total > 0 else np.ones(pairs.nnz)
    return _Edges(pairs.coords[0], pairs.coords[1], scaled.astype(np.int32), size, task)


def _isolate(edges: _Edges, own: int) -> np.ndarray:
    """A least cut between one task and all the others: the (E,) bool of the weights across it."""
    # Node 0 is the task, node 1 everything it is cut from; the rest keep a node each.
    node = np.where(edges.task == own, 0, np.where(edges.task >= 0, 1, np.arange(len(edges.task)) + 2))
    a, b = node[edges.a], node[edges.b]
    size = len(node) + 2
    between = a != b
    both = (np.concatenate([a[between], b[between]]), np.concatenate([b[between], a[between]]))
    capacity = csr_array(coo_array((np.tile(edges.capacity[between], 2), both), shape=(size, size)))
    capacity.sum_duplicates()
    flow = maximum_flow(capacity, 0, 1).flow
    residual = csr_array(capacity - flow)
    residual.eliminate_zeros()
    reached = np.zeros(size, dtype=bool)
    reached[breadth_first_order(residual, 0, return_predecessors=False)] = True
    return reached[a] != reached[b]
