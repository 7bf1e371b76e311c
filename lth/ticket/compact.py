"""A ticket's trained network without the hidden neurons that do nothing."""

from dataclasses import dataclass

import numpy as np

from lth.ticket.contents import Ticket
from lth.ticket.states import State, neuron_states, reach


@dataclass(frozen=True, eq=False)
class Compact:
    """A dense network: per layer weights (out, in) and biases (out,); per hidden layer which `neurons` are left."""

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    neurons: tuple[np.ndarray, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Neurons per layer, from the inputs to the outputs."""
        return (self.weights[0].shape[1], *(weight.shape[0] for weight in self.weights))


def compact(ticket: Ticket) -> Compact:
    """The network of the active hidden neurons, which computes what the masked one does, but for rounding.

    Neurons that reach no output go; zombies go too, the constant that their ReLU passes on, relu(b), into the next
    biases. Inputs and outputs all stay. Linear in the number of weights.
    """
    weights = [weight * mask for weight, mask in zip(ticket.weights, ticket.masks, strict=True)]
    kept = ticket.bias_masks or [np.ones(len(bias), dtype=bool) for bias in ticket.biases]
    biases = [bias * mask for bias, mask in zip(ticket.biases, kept, strict=True)]
    states = neuron_states(reach(ticket.masks, ticket.tasks))[1:-1]
    for layer, state in enumerate(states):
        zombies = state == State.ZOMBIE
        biases[layer + 1] = biases[layer + 1] + weights[layer + 1][:, zombies] @ np.maximum(biases[layer][zombies], 0)
    neurons = [np.flatnonzero(state == State.ACTIVE) for state in states]
    ends = [np.arange(ticket.shape[0]), *neurons, np.arange(ticket.shape[-1])]
    return Compact(
        tuple(weight[np.ix_(ends[layer + 1], ends[layer])] for layer, weight in enumerate(weights)),
        tuple(bias[ends[layer + 1]] for layer, bias in enumerate(biases)),
        tuple(neurons),
    )
