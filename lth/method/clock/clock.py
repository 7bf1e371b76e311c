"""What a clock gives: the segments of a run."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lth.method.fit import Part

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Segment:
    """A stretch of training between two prunings; the segments of a level are its parts 0, 1, ….

    It starts by pruning to `keep` parameters, where `prunes`, and by restarting what is left, where `restarts`. It
    trains for so many `epochs` (0: not at all), or until the stopping rule says so (None). The last part of a level
    `records` what the level came to. `goal` is the keep of the next pruning; None where none follows, or where it does
    not train and so works for none.
    """

    level: int
    keep: int
    prunes: bool
    restarts: bool
    part: int = 0
    epochs: int | None = None
    records: bool = True
    goal: int | None = None


class Clock(Part, ABC):
    """A rule that cuts a run into segments. `watches`: it is asked between the parts of level 0 whether a seed is done.

    A seed that has settled takes no part in what is left of its dense level but its record.
    """

    watches: bool = False

    @abstractmethod
    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """The segments of a run whose prunable parameters fall along `keeps`, the dense count first.

        The keeps of the segments that record, given again, are cut into the same segments.
        """

    def settled(self, masks: "Sequence[Tensor]") -> bool:  # noqa: ARG002
        """Whether a seed's dense level may end, from the masks (N,) that it would have been given part by part.

        Of a clock that watches nothing it may not.
        """
        return False


def recorded(segments: Sequence[Segment]) -> tuple[int, ...]:
    """The keep of every level."""
    return tuple(segment.keep for segment in segments if segment.records)


def aimed(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments, each with the goal that it trains for."""
    found, goal = [], None
    for segment in reversed(segments):
        found.append(replace(segment, goal=None if segment.epochs == 0 else goal))
        goal = segment.keep if segment.prunes else goal
    return tuple(reversed(found))
