"""Pruning level by level without any training."""

from collections.abc import Sequence
from dataclasses import dataclass

from lth.method.clock.clock import Clock, Segment


@dataclass(frozen=True)
class Untrained(Clock):
    """Every level is pruned, restarted and recorded as it is: what a criterion does that training has no part in."""

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """One segment without an epoch for each keep; all but the first start by pruning and restarting."""
        return tuple(Segment(level, keep, level > 0, level > 0, epochs=0) for level, keep in enumerate(keeps))
