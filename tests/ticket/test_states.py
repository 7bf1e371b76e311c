"""States of weights, neurons and biases: a plain reading of random tickets, and hand-drawn ones."""

import networkx as nx
import numpy as np
import pytest
from plain_reading import TWO, Plain, random_ticket, wires

from lth.ticket import State, analyse
from lth.ticket.states import bias_states


@pytest.mark.parametrize("block", range(10))
def test_states_components_and_status_are_those_of_a_plain_reading(block: int) -> None:
    rng = np.random.default_rng(block)
    for _ in range(50):
        masks, tasks = random_ticket(rng)
        plain, found = Plain(masks, tasks), analyse(masks, tasks, cut_limit=0)
        for layer, states in enumerate(found.neurons):
            assert [State(s).name.lower() for s in states] == [plain.neuron((layer, i)) for i in range(len(states))]
        for layer, (mask, states) in enumerate(zip(masks, found.weights, strict=True)):
            for end, start in np.ndindex(mask.shape):
                right = plain.weight((layer, start), (layer + 1, end)) if mask[end, start] else "pruned"
                assert State(states[end, start]).name.lower() == right
        assert _components(found.labels) == {frozenset(part) for part in plain.components}
        assert found.components == len(plain.components)
        assert found.status == plain.status()
        assert analyse(masks, tasks, degrade_on="outputs", cut_limit=0).status == plain.status(outputs_only=True)


def test_columns_count_what_a_plain_reading_counts() -> None:
    rng = np.random.default_rng(99)
    for _ in range(50):
        masks, tasks = random_ticket(rng)
        biases = [rng.normal(size=len(mask)) for mask in masks]
        plain, row = Plain(masks, tasks), analyse(masks, tasks, biases=biases, cut_limit=0).columns()
        weights = [plain.weight(*edge) for edge in plain.graph.edges]
        hidden = [node for node in plain.graph if 0 < node[0] < plain.last]
        for state in ("active", "inactive", "zombie"):
            assert row[f"{state}_weights"] == weights.count(state)
            assert row[f"{state}_neurons"] == [plain.neuron(node) for node in hidden].count(state)
        assert row["pruned_weights"] == sum(mask.size for mask in masks) - len(weights)
        zombies = [biases[layer - 1][index] for layer, index in hidden if plain.neuron((layer, index)) == "zombie"]
        assert row["zombie_biases"] == len(zombies)
        assert row["audible_zombies"] == sum(value > 0 for value in zombies)
        assert row["zombie_bias_mean"] == (pytest.approx(np.mean(zombies)) if zombies else None)
        ends = {(0, "active_inputs"), (plain.last, "active_outputs")}
        assert all(
            row[name] == sum(plain.neuron(node) == "active" for node in plain.graph if node[0] == at)
            for at, name in ends
        )


def test_every_state_in_one_drawing() -> None:
    # 0 -> 0 -> 0 is active; hidden 1 hears input 1 but reaches nothing; hidden 2 hears nothing; hidden 3 is alone.
    masks = wires((4, 4, 2), (0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 2, 1))
    found = analyse(masks, TWO)
    assert found.neurons[0].tolist() == [State.ACTIVE, State.INACTIVE, State.INACTIVE, State.INACTIVE]
    assert found.neurons[1].tolist() == [State.ACTIVE, State.INACTIVE, State.ZOMBIE, State.INACTIVE]
    assert found.neurons[2].tolist() == [State.ACTIVE, State.ZOMBIE]
    assert found.weights[0][1, 1] == State.INACTIVE
    assert found.weights[1][1, 2] == State.ZOMBIE
    row = found.columns()
    assert (row["active_weights"], row["inactive_weights"], row["zombie_weights"], row["pruned_weights"]) == (
        2,
        1,
        1,
        20,
    )
    assert (row["active_neurons"], row["inactive_neurons"], row["zombie_neurons"]) == (1, 2, 1)


def test_a_zombie_feeding_an_inactive_neuron_is_inactive() -> None:
    masks = wires((4, 2, 2, 2), (1, 0, 0))
    found = analyse(masks, TWO)
    assert found.neurons[1].tolist() == [State.INACTIVE, State.INACTIVE]
    assert found.weights[1][0, 0] == State.INACTIVE


def test_an_empty_ticket_counts_every_neuron() -> None:
    row = analyse(wires((4, 5, 3, 2)), TWO).columns()
    assert (row["inactive_neurons"], row["zombie_neurons"], row["active_neurons"]) == (8, 0, 0)
    assert (row["components"], row["splits_remaining"], row["status"]) == (0, 2, "degraded")
    assert row["pruned_weights"] == 20 + 15 + 6


def test_biases_follow_their_neurons_unless_pruned() -> None:
    masks = wires((4, 3, 2), (0, 0, 0), (1, 0, 0), (1, 1, 1), (1, 2, 1))
    biases = [np.array([1.0, 0.5, -3.0]), np.array([9.0, 9.0])]
    row = analyse(masks, TWO, biases=biases).columns()
    # The zombie output's bias (9) is not counted: it is not hidden, and has no ReLU.
    assert (row["zombie_biases"], row["audible_zombies"], row["zombie_bias_mean"]) == (2, 1, -1.25)
    kept = [np.array([True, True, False]), np.array([True, True])]
    row = analyse(masks, TWO, biases=biases, bias_masks=kept).columns()
    assert (row["zombie_biases"], row["audible_zombies"], row["zombie_bias_mean"]) == (1, 1, 0.5)
    states = bias_states(analyse(masks, TWO).neurons, kept)
    assert states[0].tolist() == [State.ACTIVE, State.ZOMBIE, State.PRUNED]


def test_a_zombie_with_a_bias_of_exactly_0_is_silent() -> None:
    masks = wires((4, 3, 2), (1, 0, 0), (1, 1, 0), (1, 2, 1))
    biases = [np.array([0.0, -0.0, 1e-30]), np.array([1.0, 0.0])]
    row = analyse(masks, TWO, biases=biases).columns()
    assert (row["zombie_biases"], row["audible_zombies"]) == (3, 1)


def test_what_was_not_given_is_null() -> None:
    row = analyse(wires((4, 3, 2), (1, 1, 1)), TWO).columns()
    assert row["zombie_biases"] == 1
    assert row["audible_zombies"] is None
    assert row["zombie_bias_mean"] is None
    assert row["cut_magnitude"] is None


def test_components_are_numbered_by_their_lowest_output() -> None:
    masks = wires((4, 2, 2), (0, 0, 0), (0, 1, 0), (1, 0, 1), (0, 2, 1), (0, 3, 1), (1, 1, 0))
    found = analyse(masks, TWO)
    assert found.labels[-1].tolist() == [0, 1]
    assert found.labels[0].tolist() == [1, 1, 0, 0]
    assert found.labels[1].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("masks", "reason"),
    [
        ([], "one .* per layer"),
        ([np.full((2, 4), 0.5)], "bool"),
        ([np.ones((3, 4), bool), np.ones((2, 4), bool)], "follow each other"),
        ([np.ones((2, 3), bool)], "inputs"),
        ([np.ones((3, 4), bool)], "outputs"),
    ],
)
def test_masks_that_do_not_fit_are_refused(masks: list, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        analyse(masks, TWO)


def _components(labels: tuple[np.ndarray, ...]) -> set[frozenset]:
    found: dict[int, set] = {}
    for layer, row in enumerate(labels):
        for index, label in enumerate(row):
            if label >= 0:
                found.setdefault(int(label), set()).add((layer, index))
    return {frozenset(part) for part in found.values()}


def test_the_plain_reading_knows_a_hand_drawn_graph() -> None:
    plain = Plain(wires((4, 2, 2), (0, 0, 0), (1, 0, 0)), TWO)
    assert nx.number_of_nodes(plain.graph) == 8
    assert plain.neuron((1, 1)) == "inactive"
    assert plain.neuron((2, 1)) == "zombie"
