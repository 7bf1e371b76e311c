"""Tickets for the tests, and a slow, plain reading of what their states mean, on networkx graphs."""

from collections.abc import Sequence
from itertools import pairwise

import networkx as nx
import numpy as np

from lth.data.dataset import Task

TWO = (Task("moons", (0, 1), (0,), "binary"), Task("circles", (2, 3), (1,), "binary"))


def wires(shape: Sequence[int], *edges: tuple[int, int, int]) -> list[np.ndarray]:
    """Masks of a hand-drawn ticket: its weights as (layer, start, end)."""
    masks = [np.zeros((out, fan_in), dtype=bool) for fan_in, out in pairwise(shape)]
    for layer, start, end in edges:
        masks[layer][end, start] = True
    return masks


def random_ticket(rng: np.random.Generator) -> tuple[list[np.ndarray], tuple[Task, ...]]:
    """Random masks of 1 to 4 hidden layers and 1 to 4 tasks, with noise inputs, some of all neurons cut off.

    Half of them are drawn in clusters, of which a task has one or two, so that every status comes up.
    """
    tasks, start = [], 0
    inputs = [int(index) for index in rng.permutation(12)]
    for index in range(rng.integers(1, 5)):
        width = int(rng.integers(1, 4))
        mine = tuple(inputs.pop() for _ in range(rng.integers(1, 3)))
        tasks.append(Task(f"t{index}", mine, tuple(range(start, start + width)), "values"))
        start += width
    shape = [12, *(int(width) for width in rng.integers(1, 9, size=rng.integers(1, 5))), start]
    if rng.random() < 0.5:
        return _clusters(rng, shape, tasks), tuple(tasks)
    density = rng.choice([0.1, 0.2, 0.3, 0.5, 0.9])
    masks = [rng.random((out, fan_in)) < density for fan_in, out in pairwise(shape)]
    for mask in masks:
        mask[rng.random(len(mask)) < 0.1] = False
        mask[:, rng.random(mask.shape[1]) < 0.1] = False
    return masks, tuple(tasks)


def _clusters(rng: np.random.Generator, shape: list[int], tasks: Sequence[Task]) -> list[np.ndarray]:
    """Every neuron in one cluster, few weights between clusters; inputs and outputs in a cluster of their task."""
    per_task = int(rng.integers(1, 3))
    clusters = len(tasks) * per_task
    widened = [shape[0], *(width + clusters for width in shape[1:-1]), shape[-1]]
    member = [np.arange(width) % clusters for width in widened]
    for index, task in enumerate(tasks):
        for layer, block in ((0, task.inputs), (-1, task.outputs)):
            member[layer][list(block)] = index * per_task + rng.integers(per_task, size=len(block))
    between = rng.choice([0, 0.01, 0.05])
    return [
        rng.random((len(ends), len(starts))) < np.where(ends[:, None] == starts[None, :], 0.95, between)
        for starts, ends in pairwise(member)
    ]


def graph_of(masks: Sequence[np.ndarray]) -> nx.DiGraph:
    """Every neuron as (layer, index), every unpruned weight as an edge."""
    graph = nx.DiGraph()
    for layer, width in enumerate([masks[0].shape[1], *(len(mask) for mask in masks)]):
        graph.add_nodes_from((layer, index) for index in range(width))
    for layer, mask in enumerate(masks):
        graph.add_edges_from(
            ((layer, int(start)), (layer + 1, int(end))) for end, start in zip(*mask.nonzero(), strict=True)
        )
    return graph


class Plain:
    """The states of one ticket, word by word."""

    def __init__(self, masks: Sequence[np.ndarray], tasks: Sequence[Task]) -> None:
        self.graph, self.tasks, self.last = graph_of(masks), tasks, len(masks)
        self.before = {node: nx.ancestors(self.graph, node) | {node} for node in self.graph}
        self.after = {node: nx.descendants(self.graph, node) | {node} for node in self.graph}
        self.active = nx.Graph(edge for edge in self.graph.edges if self.weight(*edge) == "active")
        self.components = list(nx.connected_components(self.active))

    def neuron(self, node: tuple[int, int]) -> str:
        if not any(layer == self.last for layer, _ in self.after[node]):
            return "inactive"
        return "active" if any(layer == 0 for layer, _ in self.before[node]) else "zombie"

    def weight(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        if self.neuron(end) == "inactive":
            return "inactive"
        return "active" if any(layer == 0 for layer, _ in self.before[start]) else "zombie"

    def ends(self, task: Task, *, outputs_only: bool = False) -> set[tuple[int, int]]:
        outputs = {(self.last, index) for index in task.outputs}
        return outputs if outputs_only else outputs | {(0, index) for index in task.inputs}

    def status(self, *, outputs_only: bool = False) -> str:
        needed = [self.ends(task, outputs_only=outputs_only) for task in self.tasks]
        if any(self.neuron(node) != "active" for nodes in needed for node in nodes):
            return "degraded"
        if any(sum(bool(part & self.ends(task)) for part in self.components) > 1 for task in self.tasks):
            return "fragmented"
        if all(sum(bool(part & self.ends(task)) for task in self.tasks) == 1 for part in self.components):
            return "separated"
        return "interconnected"

    def decided(self, layer: int, side: str) -> float | None:
        active = [node for node in self.graph if node[0] == layer and self.neuron(node) == "active"]
        block = {"out": [{(self.last, i) for i in t.outputs} for t in self.tasks],
                 "in": [{(0, i) for i in t.inputs} for t in self.tasks]}[side]  # fmt: skip
        seen = {"out": self.after, "in": self.before}[side]
        one = [sum(bool(seen[node] & nodes) for nodes in block) == 1 for node in active]
        return sum(one) / len(one) if one else None

    def tied(self, capacity: dict[tuple, float]) -> nx.Graph:
        """The undirected active graph with a node per task in the place of the task's inputs and outputs."""
        names = {node: task.name for task in self.tasks for node in self.ends(task)}
        tied = nx.Graph()
        for a, b in self.active.edges:
            ends = names.get(a, a), names.get(b, b)
            before = tied.edges[ends]["capacity"] if tied.has_edge(*ends) else 0
            tied.add_edge(*ends, capacity=before + capacity[a, b] if (a, b) in capacity else before + capacity[b, a])
        return tied

    def cut(self, capacity: dict[tuple, float]) -> float:
        """Sum of the isolating cuts without the largest; for two tasks that is the least cut."""
        tied = self.tied(capacity)
        names = [task.name for task in self.tasks if task.name in tied]
        isolating = []
        for name in names:
            others = [other for other in names if other != name]
            merged = tied.copy()
            for other in others:
                merged.add_edge("rest", other)  # no capacity: unlimited
            isolating.append(nx.minimum_cut_value(merged, name, "rest") if others else 0)
        return sum(sorted(isolating)[:-1])
