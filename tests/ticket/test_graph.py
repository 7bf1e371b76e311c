"""A ticket as a networkx graph and as GraphML."""

from collections import Counter
from io import BytesIO

import networkx as nx
import numpy as np
from plain_reading import Plain, random_ticket, wires
from tickets import ticket_of

from lth.ticket.graph import to_graphml, to_networkx


def test_the_graph_says_what_a_plain_reading_says() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        masks, tasks = random_ticket(rng)
        ticket = ticket_of(masks, tasks)
        graph, plain = to_networkx(ticket), Plain(masks, tasks)
        assert set(graph.nodes) == set(plain.graph.nodes)
        assert set(graph.edges) == set(plain.graph.edges)
        for (layer, index), data in graph.nodes(data=True):
            assert data["state"] == plain.neuron((layer, index))
            assert data.get("bias") == (ticket.biases[layer - 1][index] if layer else None)
        for start, end, data in graph.edges(data=True):
            assert data["state"] == plain.weight(start, end)
            assert data["weight"] == ticket.weights[start[0]][end[1], start[1]]


def test_neurons_know_their_tasks() -> None:
    masks = wires((5, 3, 2), (0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 4, 1), (1, 1, 1))
    graph = to_networkx(ticket_of(masks))
    assert [graph.nodes[0, index]["task"] for index in range(5)] == ["moons", "moons", "circles", "circles", ""]
    assert [graph.nodes[0, index]["tasks"] for index in range(5)] == ["moons", "moons", "circles", "", "circles"]
    assert [graph.nodes[1, index]["tasks"] for index in range(3)] == ["moons", "circles", ""]
    assert [graph.nodes[1, index]["component"] for index in range(3)] == [0, 1, -1]
    assert graph.graph["status"] == "degraded"


def test_graphml_is_read_back() -> None:
    masks = wires((4, 3, 2), (0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 2, 1))
    found = nx.read_graphml(BytesIO(to_graphml(ticket_of(masks)).encode()))
    assert found.number_of_nodes() == 9
    assert set(found.edges) == {("0.0", "1.0"), ("1.0", "2.0"), ("0.1", "1.1"), ("1.2", "2.1")}
    assert Counter(nx.get_edge_attributes(found, "state").values()) == {"active": 2, "inactive": 1, "zombie": 1}
