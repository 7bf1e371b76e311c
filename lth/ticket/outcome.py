"""What became of a run over its levels, from the statuses of its tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lth.ticket.status import Status

Word = Literal["separated", "separated-degraded", "degraded", "interconnected", "fragmented"]
SEPARATED: tuple[Word, ...] = ("separated", "separated-degraded")  # these count as separated at some level


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run in one word, and its levels of first separation and first degradation (None = never)."""

    word: Word
    first_separation: int | None
    first_degradation: int | None


def outcome(statuses: Sequence[Status]) -> Outcome:
    """The outcome of a run whose tickets had these statuses at level 0, 1, ….

    separated: separated at some level, never degraded. separated-degraded: separated at some level, degraded at a later
    one. degraded: degraded, not separated at any level before. Else the status of the last level, interconnected or
    fragmented. Masks are nested, so what is lost stays lost: an inactive input or output never comes back, a degraded
    ticket stays degraded, and no run separates after it. A separated ticket can still become fragmented; its run
    stays separated. Raises ValueError without any level or for an unknown status.
    """
    unknown = set(statuses) - {"separated", "interconnected", "fragmented", "degraded"}
    if not statuses or unknown:
        raise ValueError(f"an outcome needs the status of one level at least, each a known one, not {list(statuses)}")
    separation, degradation = _first(statuses, "separated"), _first(statuses, "degraded")
    if degradation is not None:
        before = separation is not None and separation < degradation
        return Outcome("separated-degraded" if before else "degraded", separation, degradation)
    if separation is not None:
        return Outcome("separated", separation, None)
    return Outcome("fragmented" if statuses[-1] == "fragmented" else "interconnected", None, None)


def _first(statuses: Sequence[str], wanted: str) -> int | None:
    return next((level for level, status in enumerate(statuses) if status == wanted), None)
