"""Train, prune once, train again."""

from collections.abc import Sequence
from dataclasses import dataclass

from lth.method.clock.clock import Clock, Segment


@dataclass(frozen=True)
class OneShot(Clock):
    """One pruning, from the trained dense network to the last keep at once.

    What is left trains for so many `epochs` (0: it is measured as it is), or until the stopping rule says so (null).
    Raises ValueError for a negative number.
    Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019.
    """

    epochs: int | None = None

    def __post_init__(self) -> None:
        if self.epochs is not None and self.epochs < 0:
            raise ValueError(f"epochs={self.epochs}: must be 0 or more, or null for until the stopping rule")

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """Two levels, or the dense one alone where nothing is to be pruned."""
        dense = Segment(0, keeps[0], prunes=False, restarts=False)
        sparse = Segment(1, keeps[-1], prunes=True, restarts=True, epochs=self.epochs)
        return (dense, sparse)[: len(keeps)]
