"""Train, prune once, train again."""

from collections.abc import Sequence
from dataclasses import dataclass

from lth.method.clock.clock import Clock, Segment


@dataclass(frozen=True)
class OneShot(Clock):
    """One pruning, from the trained dense network to the last keep at once.

    Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019.
    """

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """Two levels, or the dense one alone where nothing is to be pruned."""
        ends = (keeps[0], keeps[-1])[: len(keeps)]
        return tuple(Segment(level, keep, level > 0, level > 0) for level, keep in enumerate(ends))
