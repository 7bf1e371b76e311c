"""What pruning left of weights, neurons and biases: active, inactive, zombie or pruned.

An unpruned weight is inactive when its end neuron reaches no output, else zombie when its start neuron is reached from
no input, else active. A neuron is inactive when it reaches no output, else zombie when reached from no input, else
active; a neuron without any weight is therefore inactive, and an output cut off from all inputs is a zombie output.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from lth.data.dataset import Task


class State(IntEnum):
    """The four states of a weight, a neuron or a bias, as stored in arrays of int8."""

    PRUNED = 0
    INACTIVE = 1
    ZOMBIE = 2
    ACTIVE = 3


@dataclass(frozen=True)
class Reach:
    """Which blocks of inputs and outputs every neuron is connected to, along the direction of the network.

    `inputs[l]` (neurons of layer l, K+1) bool: reached from an input of task k; the last column from a noise input.
    `outputs[l]` (neurons of layer l, K) bool: reaches an output of task k. Layers run from the inputs (0) to the
    outputs; an input reaches and is reached from itself.
    """

    inputs: tuple[np.ndarray, ...]
    outputs: tuple[np.ndarray, ...]


def reach(masks: Sequence[np.ndarray], tasks: Sequence[Task]) -> Reach:
    """Follow every task's inputs forwards and its outputs backwards; masks are (out, in) bool, one per layer.

    One product of the mask with a few columns per layer and direction, so linear in the number of weights.
    """
    # Products of bool arrays miss BLAS; float32 does not, and a sum of ones is never rounded to 0.
    floats = [mask.astype(np.float32) for mask in masks]
    inputs = [_blocks([task.inputs for task in tasks], masks[0].shape[1], rest=True)]
    for layer in floats:
        inputs.append(layer @ inputs[-1].astype(np.float32) > 0)
    outputs = [_blocks([task.outputs for task in tasks], masks[-1].shape[0], rest=False)]
    for layer in reversed(floats):
        outputs.append(layer.T @ outputs[-1].astype(np.float32) > 0)
    return Reach(tuple(inputs), tuple(reversed(outputs)))


def neuron_states(reached: Reach) -> tuple[np.ndarray, ...]:
    """State of every neuron, one int8 array per layer from the inputs to the outputs (never PRUNED)."""
    return tuple(
        np.where(ends.any(axis=1), np.where(starts.any(axis=1), State.ACTIVE, State.ZOMBIE), State.INACTIVE).astype(
            np.int8
        )
        for starts, ends in zip(reached.inputs, reached.outputs, strict=True)
    )


def weight_states(masks: Sequence[np.ndarray], reached: Reach) -> tuple[np.ndarray, ...]:
    """State of every weight, one int8 array (out, in) per layer; weights outside the mask are PRUNED."""
    states = []
    for layer, mask in enumerate(masks):
        fed = np.asarray(reached.inputs[layer].any(axis=1))
        heard = np.asarray(reached.outputs[layer + 1].any(axis=1))
        by_start = np.where(fed, State.ACTIVE, State.ZOMBIE).astype(np.int8)
        state = np.where(heard[:, None], by_start, np.int8(State.INACTIVE))
        # A product is several times faster here than a third np.where.
        states.append(np.multiply(state, mask, dtype=np.int8))
    return tuple(states)


def bias_states(
    neurons: Sequence[np.ndarray], bias_masks: Sequence[np.ndarray] | None = None
) -> tuple[np.ndarray, ...]:
    """State of every bias, one int8 array (out,) per layer: its neuron's, or PRUNED where `bias_masks` says so."""
    if bias_masks is None:
        return tuple(neurons[1:])
    return tuple(
        np.where(kept, state, np.int8(State.PRUNED)) for state, kept in zip(neurons[1:], bias_masks, strict=True)
    )


def zombie_values(states: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> np.ndarray:
    """The biases (float64, flat) that are zombies: those above 0 are audible, as their ReLU passes them on."""
    values = [np.asarray(bias)[state == State.ZOMBIE] for bias, state in zip(biases, states, strict=True)]
    return np.concatenate([np.empty(0), *values])


def count(states: Sequence[np.ndarray], state: State) -> int:
    """How many entries of all the arrays are in one state."""
    return sum(int(np.count_nonzero(array == state)) for array in states)


def _blocks(blocks: Sequence[Sequence[int]], width: int, *, rest: bool) -> np.ndarray:
    """(width, blocks) bool membership; with `rest`, one more column for the indices of no block."""
    member = np.zeros((width, len(blocks) + rest), dtype=bool)
    for column, block in enumerate(blocks):
        member[list(block), column] = True
    if rest:
        member[:, -1] = ~member[:, :-1].any(axis=1)
    return member
