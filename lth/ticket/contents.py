"""What a ticket holds, and what can be asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from lth.data.dataset import Task
from lth.ticket.structure import Structure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import nn


@dataclass(frozen=True, eq=False, repr=False)
class Ticket:
    """One seed at one level: what was kept, what it was trained from, what came of it.

    Per layer: masks (out, in) bool; weights (trained, masked) and anchors (out, in) float32 or float64; biases and
    anchor_biases (out,); bias_masks (out,) bool only where biases are prunable. `row` is the row of levels.parquet,
    `epochs` (E, 3) float64 the train loss, validation loss and validation accuracy of every epoch.
    `state` is what the next segment needs besides, by its name in the stack's state: what an optimiser that goes on
    remembers, and a method's own tensors, each (size,) in the canonical order or one number (1,).
    """

    masks: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    anchors: tuple[np.ndarray, ...]
    anchor_biases: tuple[np.ndarray, ...]
    bias_masks: tuple[np.ndarray, ...] | None
    seed: int
    level: int
    tasks: tuple[Task, ...]
    config_hash: str
    row: dict[str, Any]
    epochs: np.ndarray
    state: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, ...]:
        """Neurons per layer, from the inputs to the outputs."""
        return (self.masks[0].shape[1], *(mask.shape[0] for mask in self.masks))

    @classmethod
    def from_masks(
        cls,
        masks: Any,
        tasks: Sequence[Task] | Mapping[str, Sequence[Any]] | None = None,
        weights: Sequence[Any] | None = None,
        biases: Sequence[Any] | None = None,
        *,
        seed: int = 0,
        level: int = 0,
    ) -> "Ticket":
        """A ticket of somebody's own masks, as `analyse` takes them; without weights each is 1, without biases 0.

        A module that `torch.nn.utils.prune` has pruned brings its own weights and biases. Raises ValueError.
        """
        from lth.ticket.given import ticket_of

        return ticket_of(masks, tasks, weights, biases, seed=seed, level=level)

    @cached_property
    def structure(self) -> Structure:
        """What its masks say; of the two readings of what is degraded the one that its row fits."""
        from lth.ticket.stored import structure_of

        return structure_of(self)

    def draw(self) -> "Figure":
        """Its picture; save it with `figure.savefig(path, dpi=150)`."""
        from lth.ticket.draw import draw

        return draw(self)

    def cut(self) -> list[tuple[int, int, int]]:
        """The fewest active weights whose removal parts its tasks: (layer, from neuron, to neuron) of each, from 0.

        None of them where no two tasks share a component. As exact as `structure.cut`.
        """
        from lth.ticket.distance import least_cut

        found = least_cut(self.structure.weights, self.structure.neurons, self.tasks)
        return [(layer, int(i), int(o)) for layer, cut in enumerate(found) for o, i in zip(*cut.nonzero(), strict=True)]

    def to_torch(self) -> "nn.Sequential":
        """The trained network as Linear layers with ReLUs between them; what is pruned is 0.

        It gives the accuracies of the row, but where rounding decides.
        """
        from lth.ticket.state_dict import sequential

        return sequential(self)

    def __repr__(self) -> str:
        kept, status = sum(int(mask.sum()) for mask in self.masks), self.row.get("status") or self.structure.status
        return f"Ticket(seed {self.seed}, level {self.level}: {self.shape}, {kept} weights, {status})"

    def _repr_png_(self) -> bytes:
        page = BytesIO()
        self.draw().savefig(page, dpi=80)
        return page.getvalue()
