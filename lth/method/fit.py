"""What a part of a method is checked against before anything trains."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lth.data.dataset import Task
    from lth.method.method import Method


@dataclass(frozen=True, eq=False)
class Fit:
    """What a method is to be used on: neurons per layer, tasks, the keep of every level of the schedule, the method."""

    widths: tuple[int, ...]
    tasks: "tuple[Task, ...]"
    keeps: tuple[int, ...]
    method: "Method"

    @property
    def hidden(self) -> tuple[int, ...]:
        """Neurons per hidden layer."""
        return self.widths[1:-1]

    def needs(self, effective: str, *own: str) -> None:
        """Raise ValueError unless these are the trained tensors that the effective weights of this name add."""
        found = self.method.effective
        if found is None or found.trained != ("weight", *own):
            raise ValueError(f"needs pruning/effective={effective}, for it reads {', '.join(own)}")


class Part:
    """A part of a method, which knows what it fits."""

    def check(self, fit: Fit) -> None:
        """Raise ValueError with the reason where the part cannot be used on this; by default it fits everything."""
