"""Many masks of one shape at once, drawn by lot: what their structure is, without an analysis of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lth.data.dataset import Task
from lth.ticket.status import DegradeOn


@dataclass(frozen=True, eq=False)
class Draws:
    """D masks of one shape with the same count per layer, as edges.

    Per layer of n unpruned weights `ends` and `starts` (D, n) int64: the neurons that each draw's weights end and start
    at. `shape`: neurons per layer, from the inputs to the outputs.
    """

    shape: tuple[int, ...]
    ends: tuple[np.ndarray, ...]
    starts: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.ends[0])

    def masks(self, draw: int) -> tuple[np.ndarray, ...]:
        """The masks (out, in) bool of one draw."""
        made = []
        for layer, (ends, starts) in enumerate(zip(self.ends, self.starts, strict=True)):
            mask = np.zeros((self.shape[layer + 1], self.shape[layer]), dtype=bool)
            mask[ends[draw], starts[draw]] = True
            made.append(mask)
        return tuple(made)


@dataclass(frozen=True, eq=False)
class Reading:
    """What D draws are: `status` (D,) text, one of the four of a ticket; `active_edges` (D, inputs) int64.

    Active edges are counted at the input that they start at.
    """

    status: np.ndarray
    active_edges: np.ndarray


def read(draws: Draws, tasks: Sequence[Task], degrade_on: DegradeOn = "both") -> Reading:
    """The status of every draw and its active edges per input, as `lth.ticket.analyse` gives them one by one.

    Neurons of all draws are nodes of one graph, so the cost is linear in draws × unpruned weights.
    """
    number, layers = len(draws), len(draws.ends)
    starts = [_nodes(edges, width) for edges, width in zip(draws.starts, draws.shape[:-1], strict=True)]
    ends = [_nodes(edges, width) for edges, width in zip(draws.ends, draws.shape[1:], strict=True)]
    fed, heard = _reach(draws, starts, ends)
    active = [fed[layer][starts[layer]] & heard[layer + 1][ends[layer]] for layer in range(layers)]
    size = number * draws.shape[0]
    edges = np.bincount(starts[0][active[0]], minlength=size).reshape(number, -1)
    inputs, outputs = heard[0].reshape(number, -1), fed[-1].reshape(number, -1)
    whole = _whole(inputs, outputs, tasks, degrade_on)
    kept = [on & np.repeat(whole, one.shape[1]) for on, one in zip(active, draws.ends, strict=True)]
    starts = [edges[on] for edges, on in zip(starts, kept, strict=True)]
    ends = [edges[on] for edges, on in zip(ends, kept, strict=True)]
    labels = _labels(number, draws.shape, starts, ends)
    status = np.full(number, "degraded", dtype="<U14")
    status[whole] = _status(labels[0][whole], inputs[whole], labels[1][whole], tasks)
    return Reading(status, edges)


def _nodes(edges: np.ndarray, width: int) -> np.ndarray:
    """(D, n) neurons of a layer of `width` as flat nodes that no two draws share."""
    return (edges + np.arange(len(edges))[:, None] * width).ravel()


def _reach(draws: Draws, starts: Sequence[np.ndarray], ends: Sequence[np.ndarray]) -> tuple[list[np.ndarray], ...]:
    """Per layer of neurons (D × width,) bool: reached from an input, and reaches an output."""
    fed = [np.full(len(draws) * width, layer == 0) for layer, width in enumerate(draws.shape)]
    last = len(draws.shape) - 1
    heard = [np.full(len(draws) * width, layer == last) for layer, width in enumerate(draws.shape)]
    for layer in range(last):
        fed[layer + 1][ends[layer][fed[layer][starts[layer]]]] = True
    for layer in reversed(range(last)):
        heard[layer][starts[layer][heard[layer + 1][ends[layer]]]] = True
    return fed, heard


def _whole(inputs: np.ndarray, outputs: np.ndarray, tasks: Sequence[Task], degrade_on: DegradeOn) -> np.ndarray:
    """(D,) bool: the draw is not degraded."""
    whole = np.asarray(outputs.all(axis=1))
    if degrade_on == "both":
        whole &= inputs[:, [index for task in tasks for index in task.inputs]].all(axis=1)
    return whole


def _labels(
    number: int, shape: Sequence[int], starts: Sequence[np.ndarray], ends: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Component of every input (D, inputs) and output (D, outputs)."""
    first = np.concatenate([[0], np.cumsum(np.asarray(shape) * number)])
    rows = np.concatenate([edges + first[layer + 1] for layer, edges in enumerate(ends)])
    columns = np.concatenate([edges + first[layer] for layer, edges in enumerate(starts)])
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(first[-1], first[-1]))
    _, labels = connected_components(graph.tocsr(), directed=False)
    return labels[: first[1]].reshape(number, -1), labels[first[-2] :].reshape(number, -1)


def _status(ins: np.ndarray, fed: np.ndarray, outs: np.ndarray, tasks: Sequence[Task]) -> np.ndarray:
    """Status of draws that are not degraded; `fed` says which inputs are active: no others count."""
    lowest, highest = [], []
    for task in tasks:
        outputs, inputs, counts = outs[:, task.outputs], ins[:, task.inputs], fed[:, task.inputs]
        lowest.append(np.minimum(outputs.min(axis=1), np.where(counts, inputs, outputs[:, :1]).min(axis=1)))
        highest.append(np.maximum(outputs.max(axis=1), np.where(counts, inputs, outputs[:, :1]).max(axis=1)))
    low, high = np.stack(lowest, axis=1), np.stack(highest, axis=1)
    apart = (np.diff(np.sort(low, axis=1), axis=1) > 0).all(axis=1)
    return np.where((low != high).any(axis=1), "fragmented", np.where(apart, "separated", "interconnected"))
