"""Where the neurons of a ticket go in its picture: layers side by side, tasks that share no component in own bands."""

from dataclasses import dataclass

import numpy as np

from lth.ticket.states import State
from lth.ticket.structure import Structure

_SWEEPS = 6
_GAP = 1.5  # between two bands, in neurons
_REST = 0.45  # what is not active lies closer, or it would fill the picture


@dataclass(frozen=True)
class Layout:
    """Height of every neuron per layer, from 0 downwards to -height, NaN for hidden neurons without any weight."""

    y: tuple[np.ndarray, ...]
    height: float


def layout(structure: Structure) -> Layout:
    """Place neurons: one band for every part of the partition, and one below for what is not active.

    Inputs and outputs are always placed, in their task's band, beside those of their task, noise below; hidden neurons
    are ordered by the mean height of their neighbours, which takes most crossings out (Sugiyama, Tagawa, Toda 1981).
    """
    bands = _bands(structure)
    number = len(structure.parts) + 1
    most = np.max([np.bincount(band[band >= 0], minlength=number) for band in bands], axis=0).astype(float)
    most[-1] *= _REST
    gaps = _GAP * (most > 0)
    tops = -np.concatenate([[0.0], np.cumsum(most + gaps)])[:-1]
    order = [np.arange(len(band), dtype=float) for band in bands]
    order[0] += len(bands[0]) * _owner(structure)
    y = [_spread(band, key, tops, most) for band, key in zip(bands, order, strict=True)]
    kept = [states != State.PRUNED for states in structure.weights]
    for sweep in range(_SWEEPS):
        for layer in range(1, len(bands) - 1) if sweep % 2 == 0 else range(len(bands) - 2, 0, -1):
            pulls = [_pull(kept[layer - 1], y[layer - 1]), _pull(kept[layer].T, y[layer + 1])]
            key = np.where(np.isnan(pulls).all(axis=0), y[layer], np.nansum(pulls, axis=0))
            key /= np.maximum(2 - np.isnan(pulls).sum(axis=0), 1)
            y[layer] = _spread(bands[layer], -key, tops, most)
    return Layout(tuple(y), float((most + gaps).sum() - gaps[-1]))


def _bands(structure: Structure) -> list[np.ndarray]:
    """Band of every neuron: its part of the partition, the last one for what is not active, -1 = not drawn."""
    part_of = {task: index for index, part in enumerate(structure.parts) for task in part}
    of_component = [part_of[int(np.flatnonzero(row)[0])] for row in structure.holds]
    rest = len(structure.parts)
    bands = [np.array([of_component[label] if label >= 0 else rest for label in row]) for row in structure.labels]
    for index, task in enumerate(structure.tasks):
        bands[0][list(task.inputs)] = part_of[index]
        bands[-1][list(task.outputs)] = part_of[index]
    for layer in range(1, len(bands) - 1):
        into, out = structure.weights[layer - 1], structure.weights[layer]
        bands[layer][~((into != State.PRUNED).any(axis=1) | (out != State.PRUNED).any(axis=0))] = -1
    return bands


def _owner(structure: Structure) -> np.ndarray:
    """The task of every input (inputs,), K for inputs of none: a task's inputs may lie among another's."""
    owner = np.full(len(structure.neurons[0]), len(structure.tasks))
    for index, task in enumerate(structure.tasks):
        owner[list(task.inputs)] = index
    return owner


def _spread(band: np.ndarray, key: np.ndarray, tops: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Heights of a layer's neurons: evenly over each band, in the order of the key."""
    y = np.full(len(band), np.nan)
    for index in range(len(tops)):
        members = np.flatnonzero(band == index)
        members = members[np.argsort(key[members], kind="stable")]
        y[members] = tops[index] - most[index] * (np.arange(len(members)) + 0.5) / max(len(members), 1)
    return y


def _pull(kept: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean height of every neuron's neighbours in the next layer, NaN without any."""
    degree = kept.sum(axis=1)
    total = kept.astype(np.float32) @ np.nan_to_num(y).astype(np.float32)
    return np.divide(total, degree, out=np.full(len(degree), np.nan), where=degree > 0)
