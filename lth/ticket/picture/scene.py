"""What every drawing step needs: the ticket, what is known of it, and the colours."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lth.ticket.contents import Ticket
from lth.ticket.layout import Layout, layout
from lth.ticket.states import Reach, State
from lth.ticket.structure import Structure

# Okabe & Ito's colours, told apart with every common colour blindness; not their yellow, which is lost on white.
# Black is kept for what serves several tasks, grey for what serves none.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SHARED, ZOMBIE, INACTIVE = "#1a1a1a", "#7a7a7a", "#b5b5b5"

LONGEST_NAME = 24  # letters beside the picture; the legend has all of them


@dataclass(frozen=True)
class Scene:
    """The ticket, its structure, what reaches what; for its neurons one by one: where they are, and how far apart."""

    ticket: Ticket
    structure: Structure
    reached: Reach

    @cached_property
    def place(self) -> Layout:
        """Where its neurons are."""
        return layout(self.structure)

    @cached_property
    def height(self) -> float:
        """Inches that the neurons take."""
        return float(np.clip(0.16 * self.place.height, 3.0, 13.0))

    @property
    def spacing(self) -> float:
        """Points between two neurons."""
        return 72 * self.height / max(self.place.height, 1)

    def weighted(self, layer: int) -> np.ndarray:
        """Which neurons are drawn (neurons,) bool: inputs, outputs, and hidden ones with any weight."""
        if layer in (0, self.last):
            return np.ones(self.ticket.shape[layer], dtype=bool)
        into, out = self.structure.weights[layer - 1], self.structure.weights[layer]
        return (into != State.PRUNED).any(axis=1) | (out != State.PRUNED).any(axis=0)

    @property
    def last(self) -> int:
        """The layer of the outputs."""
        return len(self.ticket.masks)

    @property
    def status(self) -> str:
        """The ticket's status as its run saw it: what counts as degraded is a setting of the run."""
        return str(self.ticket.row.get("status") or self.structure.status)

    @cached_property
    def kept(self) -> int:
        """Number of unpruned weights."""
        return sum(int(mask.sum()) for mask in self.ticket.masks)

    @cached_property
    def owner(self) -> tuple[np.ndarray, np.ndarray]:
        """The task of every input and of every output, -1 for inputs of none."""
        found = [np.full(self.ticket.shape[0], -1), np.full(self.ticket.shape[-1], -1)]
        for index, task in enumerate(self.ticket.tasks):
            found[0][list(task.inputs)] = index
            found[1][list(task.outputs)] = index
        return found[0], found[1]

    def name(self, task: int) -> str:
        """A task's name as it stands beside the picture, "noise" for none."""
        name = self.ticket.tasks[task].name if task >= 0 else "noise"
        return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"

    def colour(self, serves: np.ndarray) -> list[str]:
        """Colours for rows of (…, K) bool: the task's where it is one, black for several, grey for none."""
        one = serves.argmax(axis=1)
        return [
            task_colour(int(task)) if many == 1 else (SHARED if many else ZOMBIE)
            for task, many in zip(one, serves.sum(axis=1), strict=True)
        ]

    def audible(self, layer: int) -> np.ndarray:
        """Whose ReLU would pass its bias on: hidden neurons with an unpruned bias above 0 (neurons,) bool."""
        if layer in (0, self.last):
            return np.zeros(self.ticket.shape[layer], dtype=bool)
        return (self.ticket.biases[layer - 1] > 0) & (self.structure.biases[layer - 1] != State.PRUNED)

    def lost(self, layer: int) -> bool:
        """Whether a task has lost one of its inputs (layer 0), or of its outputs (the last one)."""
        owner = self.owner[0 if layer == 0 else 1]
        return bool(((owner >= 0) & (self.structure.neurons[layer] != State.ACTIVE)).any())


def task_colour(task: int) -> str:
    """The colour of a task; with more tasks than colours they begin anew."""
    return COLOURS[task % len(COLOURS)]
