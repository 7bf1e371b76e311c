"""What a clock gives: the segments of a run."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """A stretch of training between two prunings.

    It starts by pruning to `keep` parameters, where `prunes`, and by restarting what is left, where `restarts`; what it
    came to is recorded as `level`.
    """

    level: int
    keep: int
    prunes: bool
    restarts: bool


class Clock(ABC):
    """A rule that cuts a run into segments."""

    @abstractmethod
    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """The segments of a run whose prunable parameters fall along `keeps`, the dense count first."""
