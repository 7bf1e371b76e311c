"""Training that only searches for the mask, which it gives up bit by bit."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lth.method.clock.clock import Clock, Segment
from lth.method.ranges import at_least
from lth.method.schedule import in_rounds


@dataclass(frozen=True)
class Freezing(Clock):
    """Every `every` epochs the lowest go, `prunings` times a level; what a level leaves is recorded without training.

    Level 0 is the dense network as it was drawn. Within a level the counts fall geometrically to its own. Raises
    ValueError unless both numbers are 1 or more. Source: Sreenivasan et al., Rare Gems, 2022 (iterative freezing).
    """

    every: int = 5
    prunings: int = 1

    def __post_init__(self) -> None:
        at_least(1, self, "every", "prunings")

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """Level 0 without training; for each further one parts that train, and one that records what is left."""
        found = [Segment(0, keeps[0], prunes=False, restarts=False, epochs=0)]
        for level, (before, keep) in enumerate(pairwise(keeps), start=1):
            falling = (before, *in_rounds(before, keep, self.prunings))
            for part, left in enumerate(falling[:-1]):
                cuts = part > 0
                found.append(Segment(level, left, cuts, cuts, part, epochs=self.every, records=False))
            found.append(Segment(level, keep, prunes=True, restarts=True, part=len(falling) - 1, epochs=0))
        return tuple(found)
