"""A ticket as a networkx graph, for whatever else one wants to ask of it."""

import networkx as nx

from lth.ticket.contents import Ticket
from lth.ticket.states import State
from lth.ticket.structure import Structure, analyse


def to_networkx(ticket: Ticket, structure: Structure | None = None) -> nx.DiGraph:
    """Directed graph of a ticket: nodes (layer, index) from the inputs (layer 0) on, one edge per unpruned weight.

    Nodes carry `layer`, `index`, `state` (active, inactive, zombie), `component` (-1 = not active), `task` (the task
    that an input or output belongs to, "" for noise and hidden neurons), `tasks` (the tasks that its component holds,
    joined by "+", "" when not active) and, but for inputs, `bias`. Edges carry `state` and `weight`. Every value is
    plain, as GraphML wants it. Linear in neurons and unpruned weights.
    """
    found = structure or analyse(ticket.masks, ticket.tasks, cut_limit=0)
    held = ["+".join(task.name for task, holds in zip(ticket.tasks, row, strict=True) if holds) for row in found.holds]
    own = {(0, index): task.name for task in ticket.tasks for index in task.inputs}
    own |= {(len(ticket.masks), index): task.name for task in ticket.tasks for index in task.outputs}
    graph = nx.DiGraph(seed=ticket.seed, level=ticket.level, status=found.status, partition=found.partition)
    for layer, (states, labels) in enumerate(zip(found.neurons, found.labels, strict=True)):
        for index, (state, label) in enumerate(zip(states, labels, strict=True)):
            graph.add_node(
                (layer, index),
                layer=layer,
                index=index,
                state=State(state).name.lower(),
                component=int(label),
                task=own.get((layer, index), ""),
                tasks=held[label] if label >= 0 else "",
                **({"bias": float(ticket.biases[layer - 1][index])} if layer else {}),
            )
    for layer, (states, weights) in enumerate(zip(found.weights, ticket.weights, strict=True)):
        for end, start in zip(*states.nonzero(), strict=True):
            graph.add_edge(
                (layer, int(start)),
                (layer + 1, int(end)),
                state=State(states[end, start]).name.lower(),
                weight=float(weights[end, start]),
            )
    return graph


def to_graphml(ticket: Ticket) -> str:
    """The same graph as GraphML text; its nodes are named `layer.index`."""
    graph = to_networkx(ticket)
    graph = nx.relabel_nodes(graph, {node: f"{node[0]}.{node[1]}" for node in graph})
    return "\n".join(nx.generate_graphml(graph)) + "\n"
