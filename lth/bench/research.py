"""What research code does after every level: the ticket as a networkx graph, weight by weight."""

import time
from pathlib import Path

import networkx as nx
import numpy as np

from lth.ticket import load, path_of

MEASURED = 20_000  # weights; larger tickets are extrapolated from the time per weight of the largest measured one


def seconds_of_analyses(folder: Path, seed: int, keeps: dict[int, int]) -> float:
    """Seconds that networkx needs for all tickets of a seed; above MEASURED weights extrapolated per weight."""
    spent, per_weight = 0.0, 0.0
    for level, keep in sorted(keeps.items(), reverse=True):
        if keep <= MEASURED:
            began = time.perf_counter()
            components(load(path_of(folder, seed, level)).masks)
            took = time.perf_counter() - began
            per_weight = took / keep
        else:
            took = per_weight * keep
        spent += took
    return spent


def components(masks: tuple[np.ndarray, ...]) -> list[set[tuple[int, int]]]:
    """The connected components of the active weights, by networkx's reachability from every input and output."""
    graph = nx.DiGraph()
    graph.add_nodes_from((0, neuron) for neuron in range(masks[0].shape[1]))
    for layer, mask in enumerate(masks):
        graph.add_nodes_from((layer + 1, neuron) for neuron in range(mask.shape[0]))
        graph.add_edges_from(((layer, start), (layer + 1, end)) for end, start in np.argwhere(mask).tolist())
    last = len(masks)
    reached = set().union(*(nx.descendants(graph, (0, i)) | {(0, i)} for i in range(masks[0].shape[1])))
    reaching = set().union(*(nx.ancestors(graph, (last, i)) | {(last, i)} for i in range(masks[-1].shape[0])))
    return list(nx.connected_components(graph.subgraph(reached & reaching).to_undirected()))
