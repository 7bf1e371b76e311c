"""The clock of iterative pruning: one segment a level."""

from collections.abc import Sequence
from dataclasses import dataclass

from lth.method.clock.clock import Clock, Segment


@dataclass(frozen=True)
class Levels(Clock):
    """Train, prune, restart, repeat. Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019."""

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """One segment for each keep; all but the first start by pruning and restarting."""
        return tuple(Segment(level, keep, level > 0, level > 0) for level, keep in enumerate(keeps))
