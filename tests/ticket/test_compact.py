"""The compact network against the masked one."""

from dataclasses import replace

import numpy as np
import pytest
from tickets import ticket_of

from lth.data.dataset import Task
from lth.ticket import State, Ticket, compact
from lth.ticket.states import neuron_states, reach

TASKS = (Task("a", (0, 1), (0,), "binary"), Task("b", (2,), (1,), "binary"))  # input 3 is noise


def outputs(weights, biases, x: np.ndarray) -> np.ndarray:
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        x = x @ weight.T + bias
        x = np.maximum(x, 0) if layer < len(weights) - 1 else x
    return x


def masked(ticket: Ticket, x: np.ndarray) -> np.ndarray:
    kept = ticket.bias_masks or tuple(np.ones(len(bias), dtype=bool) for bias in ticket.biases)
    return outputs([w * m for w, m in zip(ticket.weights, ticket.masks, strict=True)],
                   [b * m for b, m in zip(ticket.biases, kept, strict=True)], x)  # fmt: skip


@pytest.mark.parametrize("prunable_biases", [False, True])
@pytest.mark.parametrize("density", [0.0, 0.05, 0.15, 0.5, 1.0])
def test_it_computes_what_the_masked_network_does(density: float, prunable_biases: bool) -> None:
    for seed in range(5):
        draw = np.random.default_rng(seed)
        masks = [draw.random(shape) < density for shape in ((9, 4), (8, 9), (2, 8))]
        ticket = ticket_of(masks, TASKS, seed=seed, dtype="float64", prunable_biases=prunable_biases)
        found, x = compact(ticket), draw.normal(size=(50, 4))
        np.testing.assert_allclose(outputs(found.weights, found.biases, x), masked(ticket, x), rtol=1e-12, atol=1e-12)
        states = neuron_states(reach(masks, TASKS))
        assert found.shape == (4, *(int((state == State.ACTIVE).sum()) for state in states[1:-1]), 2)


def test_zombies_that_hear_zombies_go_into_the_bias() -> None:
    """0 → 1 → output: neuron 0 hears nothing, neuron 1 neuron 0 alone; both are audible."""
    masks = [np.zeros((2, 4), dtype=bool), np.array([[False, False], [True, False]]), np.array([[False, True]] * 2)]
    ticket = ticket_of(masks, TASKS, dtype="float64")
    biases = (np.array([2.0, -1.0]), np.array([5.0, 1.0]), np.array([0.5, -0.5]))
    weights = tuple(3.0 * mask for mask in masks)
    found = compact(replace(ticket, weights=weights, biases=biases))
    assert found.shape == (4, 0, 0, 2)
    assert found.biases[-1].tolist() == [0.5 + 3 * (1 + 3 * 2), -0.5 + 3 * (1 + 3 * 2)]


def test_the_ticket_stays_as_it_is() -> None:
    masks = [np.zeros((3, 4), dtype=bool), np.ones((2, 3), dtype=bool)]
    ticket = ticket_of(masks, TASKS)
    before = [bias.copy() for bias in ticket.biases]
    found = compact(ticket)
    found.biases[-1][:] = 7
    assert all(np.array_equal(a, b) for a, b in zip(ticket.biases, before, strict=True))
