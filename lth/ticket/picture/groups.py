"""A ticket in groups: neurons of a layer that are alike in what reaches them and what they reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from lth.ticket.picture.scene import Scene
from lth.ticket.states import State

NONE, SEVERAL = -1, -2  # instead of a task


@dataclass(frozen=True)
class Group:
    """Neurons of a layer: their state, the task that reaches them, the one that they reach, and which they are.

    At both ends, where a neuron belongs to a task, that one stands for its side, whatever has become of it.
    """

    state: State
    source: int
    target: int
    members: np.ndarray


@dataclass(frozen=True)
class Stream:
    """The weights from one group of a layer to one of the next: how many, their state, and the task they serve."""

    start: int
    end: int
    number: int
    state: State
    task: int


def groups(scene: Scene) -> list[list[Group]]:
    """The groups of every layer, from the top: active ones in the order of their tasks, then what is lost."""
    return [_of_layer(scene, layer) for layer in range(scene.last + 1)]


def streams(scene: Scene, found: Sequence[Sequence[Group]]) -> list[list[Stream]]:
    """The streams between every two layers; what is pruned has none."""
    between = []
    for layer, (before, after) in enumerate(pairwise(found)):
        pairs = product(enumerate(before), enumerate(after))
        made = [_stream(scene, layer, i, one, j, two) for (i, one), (j, two) in pairs]
        between.append([stream for stream in made if stream is not None])
    return between


def _of_layer(scene: Scene, layer: int) -> list[Group]:
    states = scene.structure.neurons[layer]
    source, target = _codes(scene.reached.inputs[layer][:, :-1]), _codes(scene.reached.outputs[layer])
    if layer == 0:
        source = scene.owner[0]
    elif layer == scene.last:
        target = scene.owner[1]
    else:
        grey = states != State.ACTIVE
        source, target = np.where(grey, NONE, source), np.where(grey, NONE, target)
    known = scene.weighted(layer)
    keys = sorted(
        {(int(s), int(a), int(b)) for s, a, b in zip(states[known], source[known], target[known], strict=True)}
    )
    made = [
        Group(State(state), a, b, np.flatnonzero(known & (states == state) & (source == a) & (target == b)))
        for state, a, b in keys
    ]
    return sorted(made, key=lambda group: _rank(group, scene, layer))


def _rank(group: Group, scene: Scene, layer: int) -> tuple[float, ...]:
    """Where a group stands: at the ends by its task, inside what is active above the rest."""
    middle = (len(scene.ticket.tasks) - 1) / 2
    known = [float(middle if code == SEVERAL else code) for code in (group.source, group.target) if code != NONE]
    mean = sum(known) / len(known) if known else np.inf
    own = {0: group.source, scene.last: group.target}.get(layer, 0)
    return (own if own >= 0 else np.inf, -group.state, mean, group.source)


def _codes(reached: np.ndarray) -> np.ndarray:
    """(neurons, K) bool as one number each: the task where it is one, SEVERAL, or NONE."""
    number = reached.sum(axis=1)
    return np.where(number == 1, reached.argmax(axis=1), np.where(number > 1, SEVERAL, NONE))


def _stream(scene: Scene, layer: int, i: int, one: Group, j: int, two: Group) -> Stream | None:
    states = scene.structure.weights[layer][np.ix_(two.members, one.members)]
    number = int(np.count_nonzero(states))
    if not number:
        return None
    state = State(int(states.max()))  # the same for all: it follows from what both groups reach and are reached from
    tasks = {code for code in (one.source, two.target) if code != NONE}
    task = tasks.pop() if len(tasks) == 1 else SEVERAL if tasks else NONE
    return Stream(i, j, number, state, task)
