"""The structure of one ticket, from its masks and tasks alone: states, components, status, distance to a split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lth.data.dataset import Task
from lth.ticket import status as statuses
from lth.ticket.components import active_graph, components
from lth.ticket.decided import decided
from lth.ticket.distance import distances
from lth.ticket.given import network_of, tasks_of
from lth.ticket.states import State, bias_states, count, neuron_states, reach, weight_states, zombie_values
from lth.ticket.status import DegradeOn, Status

CUT_LIMIT = 20_000  # active weights above which cuts take too long to be left on by default


@dataclass(frozen=True, eq=False)
class Structure:
    """What a ticket's masks say about it; layers run from the inputs (0) to the outputs, components by lowest output.

    weights (out, in), biases (out,) int8 states per layer of weights; neurons int8 states and labels int32 components
    (-1 = not active) per layer of neurons; holds (components, K) bool, coverage (components, K) float64; parts: the
    tasks, as indices, grouped by the components they share; decided: shares (out, in) per hidden layer; zombie_values:
    the biases of hidden zombies.
    """

    tasks: tuple[Task, ...]
    weights: tuple[np.ndarray, ...]
    neurons: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    labels: tuple[np.ndarray, ...]
    holds: np.ndarray
    coverage: np.ndarray
    status: Status
    parts: tuple[tuple[int, ...], ...]
    decided: tuple[tuple[float | None, float | None], ...]
    cut: int | None
    cut_magnitude: float | None
    zombie_values: np.ndarray | None

    @property
    def components(self) -> int:
        """Number of connected components of the active weights."""
        return len(self.holds)

    @property
    def partition(self) -> str:
        """Which tasks still share a component: "moons+circles", "moons|circles"."""
        return statuses.partition(self.parts, self.tasks)

    @property
    def splits_remaining(self) -> int:
        """How many more splits would give every task a component of its own: tasks - components."""
        return len(self.tasks) - self.components

    def columns(self) -> dict[str, int | float | str | None]:
        """The structure columns of levels.parquet, in their order; what was not computed is None."""
        values = self.zombie_values
        return {
            "active_weights": count(self.weights, State.ACTIVE),
            "inactive_weights": count(self.weights, State.INACTIVE),
            "zombie_weights": count(self.weights, State.ZOMBIE),
            "pruned_weights": count(self.weights, State.PRUNED),
            "active_neurons": count(self.neurons[1:-1], State.ACTIVE),
            "inactive_neurons": count(self.neurons[1:-1], State.INACTIVE),
            "zombie_neurons": count(self.neurons[1:-1], State.ZOMBIE),
            "active_inputs": count(self.neurons[:1], State.ACTIVE),
            "active_outputs": count(self.neurons[-1:], State.ACTIVE),
            "zombie_biases": count(self.biases[:-1], State.ZOMBIE),
            "audible_zombies": None if values is None else int((values > 0).sum()),
            "zombie_bias_mean": None if values is None or not len(values) else float(values.mean()),
            "components": self.components,
            "status": self.status,
            "partition": self.partition,
            "splits_remaining": self.splits_remaining,
            "cut": self.cut,
            "cut_magnitude": self.cut_magnitude,
            **{
                f"decided_{side}_{layer}": share
                for layer, shares in enumerate(self.decided, start=1)
                for side, share in zip(("out", "in"), shares, strict=True)
            },
        }


def analyse(
    masks: Any,
    tasks: Sequence[Task] | Mapping[str, Sequence[Any]] | None = None,
    weights: Sequence[Any] | None = None,
    biases: Sequence[Any] | None = None,
    *,
    bias_masks: Sequence[np.ndarray] | None = None,
    degrade_on: DegradeOn = "both",
    cut_limit: int = CUT_LIMIT,
) -> Structure:
    """Work out the structure of a ticket: masks, weights (out, in) and biases, bias_masks (out,) per layer.

    Masks are bool or 0 and 1, of numpy or torch, or a module of nn.Linear as `torch.nn.utils.prune` leaves it, with its
    own weights and biases. Tasks may be {name: (inputs, outputs)}; None is one of everything. Without weights
    cut_magnitude is None, without biases audible_zombies and zombie_bias_mean; both cuts are None above `cut_limit`
    active weights (see `distance.distances`). Zombie biases are those of hidden neurons, unpruned. Linear in the number
    of weights, but for the cuts. Raises ValueError when masks and tasks do not fit each other.
    """
    masks, weights, biases = network_of(masks, weights, biases)
    check_masks(masks)
    tasks = tasks_of(tasks, masks[0].shape[1], len(masks[-1]))
    check_tasks(masks, tasks)
    reached = reach(masks, tasks)
    neurons, states = neuron_states(reached), weight_states(masks, reached)
    graph = active_graph(states)
    labels, number = components(graph, neurons)
    ins, outs = statuses.shares(labels, tasks, number)
    holds = (ins > 0) | (outs > 0)
    status = statuses.status(labels, holds, tasks, degrade_on)
    parts = statuses.parts(holds)
    cuts = distances(graph, states, weights, neurons, tasks, status, parts) if graph.nnz <= cut_limit else (None, None)
    bias = bias_states(neurons, bias_masks)
    zombies = None if biases is None else zombie_values(bias[:-1], biases[:-1])
    return Structure(
        tuple(tasks),
        states,
        neurons,
        bias,
        labels,
        holds,
        statuses.coverage(ins, outs, degrade_on),
        status,
        parts,
        decided(reached, neurons),
        *cuts,
        zombies,
    )


def check_masks(masks: Sequence[np.ndarray]) -> None:
    """Raise ValueError unless the masks are those of a network."""
    if not masks or any(mask.ndim != 2 or mask.dtype != bool for mask in masks):
        raise ValueError(f"masks must be one (out, in) bool array per layer, not {[(m.shape, m.dtype) for m in masks]}")
    if any(before.shape[0] != after.shape[1] for before, after in pairwise(masks)):
        raise ValueError(f"masks {[mask.shape for mask in masks]} do not follow each other as (out, in)")


def check_tasks(masks: Sequence[np.ndarray], tasks: Sequence[Task]) -> None:
    """Raise ValueError unless the masks are those of a network, and its outputs tiled by the tasks."""
    check_masks(masks)
    inputs = [index for task in tasks for index in task.inputs]
    outputs = [index for task in tasks for index in task.outputs]
    if len(set(inputs)) < len(inputs) or max(inputs, default=-1) >= masks[0].shape[1]:
        raise ValueError(
            f"each of the network's {masks[0].shape[1]} inputs belongs to one task at most, and no others do"
        )
    if sorted(outputs) != list(range(masks[-1].shape[0])):
        raise ValueError(
            f"each of the network's {masks[-1].shape[0]} outputs belongs to exactly one task, and no others do"
        )
