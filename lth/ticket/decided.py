"""Decided neurons: those that serve one task only (thesis, "how do networks separate")."""

from collections.abc import Sequence

import numpy as np

from lth.ticket.states import Reach, State


def decided(reached: Reach, neurons: Sequence[np.ndarray]) -> tuple[tuple[float | None, float | None], ...]:
    """Per hidden layer the shares (out, in) of its active neurons that serve one task only.

    `out`: reaches outputs of exactly one task. `in`: is reached from inputs of exactly one task; noise inputs belong
    to no task and do not count, so a neuron that hears noise alone is not decided. None for a layer without active
    neurons.
    """
    shares = []
    for starts, ends, states in zip(reached.inputs[1:-1], reached.outputs[1:-1], neurons[1:-1], strict=True):
        active = states == State.ACTIVE
        shares.append((_share(ends[active]), _share(starts[active, :-1])))
    return tuple(shares)


def _share(tasks: np.ndarray) -> float | None:
    """Share of the rows of (neurons, K) bool with exactly one True."""
    return float((tasks.sum(axis=1) == 1).mean()) if len(tasks) else None
