"""What a configuration says of the tickets of its runs: a level is finished when its ticket fits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lth.data.dataset import Task
from lth.ticket.contents import Ticket

_NEEDED = ("epochs", "train_loss", "val_loss", "val_accuracy", "test_loss", "test_accuracy")


@dataclass(frozen=True)
class Expected:
    """Neurons per layer, the tasks, the prunable parameters left at each level, whether biases are among them.

    `precision` is the type of the numbers, float32 or float64. `open`: the method finds the counts after the dense one.
    """

    shape: tuple[int, ...]
    tasks: tuple[Task, ...]
    keeps: tuple[int, ...]
    biases: bool
    precision: str
    open: bool = False

    def check(self, ticket: Ticket, before: Ticket | None = None) -> None:
        """Raise ValueError unless this is what a run leaves at the ticket's level, after the ticket `before`."""
        self._check_network(ticket)
        kept, unpruned = count(ticket.masks), count(ticket.bias_masks or ())
        keep = kept + unpruned if self.open and ticket.level else self.keeps[ticket.level]
        if kept + unpruned != keep:
            raise ValueError(f"its masks keep {kept + unpruned} prunable parameters, not {keep}")
        if before is not None and not _nested(ticket, before):
            raise ValueError("its masks keep what the level before had pruned")
        self._check_row(ticket, keep)

    def _check_network(self, ticket: Ticket) -> None:
        found = (ticket.shape, str(ticket.weights[0].dtype), ticket.bias_masks is not None)
        wanted = (self.shape, self.precision, self.biases)
        if found != wanted:
            raise ValueError(f"its shape, type and prunable biases are {found}, not {wanted}")
        if ticket.tasks != self.tasks:
            raise ValueError("its tasks have other inputs, outputs or kinds")
        if ticket.level >= len(self.keeps):
            raise ValueError(f"is of level {ticket.level}, the last level is {len(self.keeps) - 1}")

    def _check_row(self, ticket: Ticket, keep: int) -> None:
        row = ticket.row
        told = {"seed": ticket.seed, "level": ticket.level, "keep": keep, "epochs": len(ticket.epochs)}
        told |= {"prunable": keep, "weights": count(ticket.masks)}
        missing = [name for name in (*told, *_NEEDED) if row.get(name) is None]
        if missing:
            raise ValueError(f"its row has no {missing[0]}")
        differing = [name for name, value in told.items() if row[name] != value]
        if differing:
            raise ValueError(f"its row says {differing[0]}={row[differing[0]]}, not {told[differing[0]]}")


def count(masks: Sequence[np.ndarray]) -> int:
    """How many parameters the masks keep."""
    return sum(int(np.count_nonzero(mask)) for mask in masks)


def _nested(ticket: Ticket, before: Ticket) -> bool:
    pairs = zip((*ticket.masks, *(ticket.bias_masks or ())), (*before.masks, *(before.bias_masks or ())), strict=True)
    return not any((mask & ~earlier).any() for mask, earlier in pairs)
