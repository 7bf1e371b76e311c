"""Whole tickets for the tests of the file, the graph, the picture and the command line."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from plain_reading import TWO

from lth.data.dataset import Task
from lth.ticket import Ticket, analyse


def ticket_of(
    masks: Sequence[np.ndarray],
    tasks: Sequence[Task] = TWO,
    *,
    seed: int = 3,
    level: int = 0,
    dtype: str = "float32",
    prunable_biases: bool = False,
) -> Ticket:
    """A ticket with random weights, biases and anchors under these masks, and its own structure as its row."""
    rng = np.random.default_rng(seed)
    weights, anchors = ([rng.normal(size=mask.shape).astype(dtype) * mask for mask in masks] for _ in range(2))
    biases, anchor_biases = ([rng.normal(size=len(mask)).astype(dtype) for mask in masks] for _ in range(2))
    bias_masks = tuple(rng.random(len(mask)) < 0.5 for mask in masks) if prunable_biases else None
    row = {"seed": seed, "level": level, "val_loss": 0.1, **analyse(masks, tasks, weights, biases).columns()}
    epochs = rng.random((4, 3))
    return Ticket(
        masks=tuple(masks),
        weights=tuple(weights),
        biases=tuple(biases),
        anchors=tuple(anchors),
        anchor_biases=tuple(anchor_biases),
        bias_masks=bias_masks,
        seed=seed,
        level=level,
        tasks=tuple(tasks),
        config_hash="a1b2",
        row=row,
        epochs=epochs,
    )


def at_level(ticket: Ticket, level: int) -> Ticket:
    """The same ticket, filed under another level."""
    return replace(ticket, level=level)
