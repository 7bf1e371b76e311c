"""The tickets of another run that a run starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from lth.method.criterion.given import GIVEN
from lth.method.state import State
from lth.ticket import Ticket, load, path_of


@dataclass(frozen=True)
class Origin:
    """A level of another run: its seeds' masks, and their anchors or trained values, which a run takes as its start."""

    folder: Path
    level: int
    values: Literal["anchor", "trained"]

    def ticket(self, seed: int) -> Ticket:
        """The ticket of this seed. Raises TicketError."""
        return load(path_of(self.folder, seed, self.level))

    def rows(self, seeds: Sequence[int], dtype: torch.dtype) -> Tensor:
        """The values (R, size) to start from. Raises TicketError."""
        found = []
        for seed in seeds:
            ticket = self.ticket(seed)
            anchors = (ticket.anchors, ticket.anchor_biases)
            found.append(_flat(*(anchors if self.values == "anchor" else (ticket.weights, ticket.biases))))
        return torch.from_numpy(np.stack(found)).to(dtype)

    def state(self, seeds: Sequence[int]) -> State:
        """What the tickets keep, by its name in the state. Raises TicketError."""
        found = []
        for ticket in map(self.ticket, seeds):
            biases = ticket.bias_masks or tuple(np.ones(len(bias), dtype=bool) for bias in ticket.biases)
            found.append(_flat(ticket.masks, biases))
        return {GIVEN: torch.from_numpy(np.stack(found).astype(np.int8))}


def _flat(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.append(a.ravel(), b) for a, b in zip(weights, biases, strict=True)])
