"""What a ticket's status means, in words that a reader cannot take for another status."""

from collections.abc import Sequence

import numpy as np

from lth.ticket.contents import Ticket
from lth.ticket.states import State
from lth.ticket.structure import Structure

_MOST_NAMES = 8  # in a row


def listed(names: Sequence[str]) -> str:
    """Names in a row: "a, b and c"; of many the first, and how many more."""
    if len(names) > _MOST_NAMES:
        names = [*names[: _MOST_NAMES - 1], f"{len(names) - _MOST_NAMES + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def status_words(structure: Structure, status: str) -> str:
    """A sentence without its full stop: the status as the run saw it, and what of the ticket it comes from.

    Only of a separated ticket do they say that it has come apart; of a degraded one they name what is lost.
    """
    names = [task.name for task in structure.tasks]
    if status == "separated":
        own = "each have a subnetwork of their own" if len(names) > 1 else "has a subnetwork of its own"
        return f"separated: {listed(names)} {own}"
    if status == "interconnected":
        return f"interconnected: {_together(structure)}"
    if status == "fragmented":
        return f"fragmented: {_spread(structure)}"
    return (
        f"degraded, so no separation: {'; '.join(_losses(structure)) or 'a task is damaged'} ({_together(structure)})"
    )


def accuracy_words(ticket: Ticket) -> str:
    """What every task reaches, of the test data where they were measured: "test accuracy: moons 0.999"."""
    for split, name in (("test", "test"), ("val", "validation")):
        found = [(task, ticket.row.get(f"{split}_accuracy_{task.name}")) for task in ticket.tasks]
        known = [(task, value) for task, value in found if isinstance(value, (int, float))]
        if known:
            kinds = {"R²" if task.kind == "values" else "accuracy" for task, _ in known}
            return f"{name} {' or '.join(sorted(kinds))}: " + ", ".join(f"{t.name} {value:.3f}" for t, value in known)
    return ""


def _together(structure: Structure) -> str:
    """Which tasks still share weights, and which have none in common with others."""
    groups = [[structure.tasks[index].name for index in part] for part in structure.parts]
    shared = [f"{listed(group)} still share weights" for group in groups if len(group) > 1]
    alone = [group[0] for group in groups if len(group) == 1]
    if not shared:
        return "no tasks share weights"
    return "; ".join([*shared, f"{listed(alone)} with no other task"] if alone else shared)


def _spread(structure: Structure) -> str:
    numbers = structure.holds.sum(axis=0)
    parts = [f"{task.name} over {n} parts" for task, n in zip(structure.tasks, numbers, strict=True) if n > 1]
    return f"{listed(parts) or 'a task over several parts'} that share nothing"


def _losses(structure: Structure) -> list[str]:
    """Which inputs and outputs of tasks are not active any more, task by task."""
    found = []
    for task in structure.tasks:
        ends = (("inputs", structure.neurons[0], task.inputs), ("outputs", structure.neurons[-1], task.outputs))
        counts = [(int((states[list(block)] != State.ACTIVE).sum()), len(block), name) for name, states, block in ends]
        lost = [
            f"{gone} of {of} {name}" if of > 1 else f"its {name.removesuffix('s')}" for gone, of, name in counts if gone
        ]
        if lost:
            found.append(f"{task.name} has lost {listed(lost)}")
    return found


def number_left_out(structure: Structure) -> int:
    """Hidden neurons without any weight: no picture has a place for them."""
    gone = 0
    for into, out in zip(structure.weights[:-1], structure.weights[1:], strict=True):
        bare = (into == State.PRUNED).all(axis=1) & (out == State.PRUNED).all(axis=0)
        gone += int(np.count_nonzero(bare))
    return gone
