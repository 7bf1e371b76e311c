"""Training that only searches for the mask."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lth.method.clock.clock import Clock, Segment


@dataclass(frozen=True)
class Search(Clock):
    """Every level trains what the level before has left, prunes it, restarts it, and records it without training.

    Level 0 is the dense network as it was drawn. With learned scores the weights never train; with a criterion of
    trained weights and a reset the tickets are untrained too. Source: Zhou et al., Deconstructing Lottery Tickets, 2019
    (supermasks).
    """

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """Level 0 without training; two parts for each further one, of which the second has none."""
        found = [Segment(0, keeps[0], prunes=False, restarts=False, epochs=0)]
        for level, (before, keep) in enumerate(pairwise(keeps), start=1):
            found.append(Segment(level, before, prunes=False, restarts=False, records=False))
            found.append(Segment(level, keep, prunes=True, restarts=True, part=1, epochs=0))
        return tuple(found)
