"""Pruning before any training."""

from collections.abc import Sequence
from dataclasses import dataclass

from lth.method.clock.clock import Clock, Segment


@dataclass(frozen=True)
class Before(Clock):
    """The dense network is measured as it was drawn, pruned at once to the last keep, and trained.

    Level 0 has no epoch. Criteria that prune in rounds do so within the one pruning. Source: Lee et al., SNIP:
    Single-shot Network Pruning based on Connection Sensitivity, 2019.
    """

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """Level 0 without training, level 1 with the last of the keeps; without a pruning, the dense network trains."""
        if len(keeps) == 1:
            return (Segment(0, keeps[0], prunes=False, restarts=False),)
        return (
            Segment(0, keeps[0], prunes=False, restarts=False, epochs=0),
            Segment(1, keeps[-1], prunes=True, restarts=True),
        )
