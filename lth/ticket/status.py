"""The status of a ticket: which tasks its components hold, and whether they are still whole."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from lth.data.dataset import Task

DegradeOn = Literal["both", "outputs"]
Status = Literal["separated", "interconnected", "fragmented", "degraded"]


def shares(labels: Sequence[np.ndarray], tasks: Sequence[Task], number: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of each task's inputs and of its outputs that each component holds: two float64 arrays (components, K).

    `labels` as from `components()`. A task without inputs or outputs has a share of 0 of them everywhere.
    """
    ins = np.zeros((number, len(tasks)))
    outs = np.zeros((number, len(tasks)))
    for column, task in enumerate(tasks):
        for share, layer, block in ((ins, labels[0], task.inputs), (outs, labels[-1], task.outputs)):
            held = layer[list(block)]
            share[:, column] = np.bincount(held[held >= 0], minlength=number) / max(len(block), 1)
    return ins, outs


def coverage(ins: np.ndarray, outs: np.ndarray, degrade_on: DegradeOn = "both") -> np.ndarray:
    """Coverage (components, K): share of a task's inputs times share of its outputs that a component holds.

    1 where a component holds the whole task. With `degrade_on="outputs"` the share of the outputs alone.
    """
    return outs.copy() if degrade_on == "outputs" else ins * outs


def status(
    labels: Sequence[np.ndarray], holds: np.ndarray, tasks: Sequence[Task], degrade_on: DegradeOn = "both"
) -> Status:
    """The one status of a ticket; `holds` (components, K) bool says which tasks' inputs or outputs a component has.

    degraded: an input or output of some task is not active (outputs alone with `degrade_on="outputs"`);
    else fragmented: some task is spread over several components; else separated: every component holds one task;
    else interconnected. Noise inputs belong to no task and never matter. A ticket of one whole task is separated.
    """
    if any((labels[-1][list(task.outputs)] < 0).any() for task in tasks):
        return "degraded"
    if degrade_on == "both" and any((labels[0][list(task.inputs)] < 0).any() for task in tasks):
        return "degraded"
    if (holds.sum(axis=0) > 1).any():
        return "fragmented"
    return "separated" if (holds.sum(axis=1) == 1).all() else "interconnected"


def parts(holds: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """The tasks grouped by the components they share, directly or through other tasks; in task order.

    A task without any active input or output is a part of its own.
    """
    shared = holds.T.astype(np.float32) @ holds.astype(np.float32)
    number, group = connected_components(csr_array(shared), directed=False)
    return tuple(sorted(tuple(int(task) for task in np.flatnonzero(group == one)) for one in range(number)))


def partition(grouped: Sequence[Sequence[int]], tasks: Sequence[Task]) -> str:
    """The parts as text: "+" joins tasks, "|" parts them ("moons+circles", "moons|circles")."""
    return "|".join("+".join(tasks[index].name for index in part) for part in grouped)
