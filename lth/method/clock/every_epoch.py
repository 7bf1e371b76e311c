"""Pruning within one training run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lth.method.clock.clock import Clock, Segment
from lth.method.ranges import at_least, one_of
from lth.method.schedule import halving, strictly_falling


@dataclass(frozen=True)
class EveryEpoch(Clock):
    """Prune every `every` epochs, `prunings` times a level, down to the last keep; only then training may stop.

    The network trains `every` epochs before the first pruning. Between the dense count N and the last one T the counts
    fall, with t the share of the prunings done, by `shape`: exponential N·(T/N)^t, constant N − (N − T)·t, cubic
    T + (N − T)·(1 − t)³, or halving T + (N/2 − T)/2^i before the last, i counting them from 0. What a level came to is
    recorded after its last pruning. Raises ValueError unless both numbers are 1 or more, and where
    two levels would keep the same count. Sources: Zhu & Gupta, To
    Prune, or Not to Prune, 2017 (cubic); Verdenius et al., Pruning via Iterative Ranking of Sensitivity Statistics,
    2020 (halving).
    """

    every: int = 1
    prunings: int = 1
    shape: Literal["exponential", "constant", "cubic", "halving"] = "exponential"

    def __post_init__(self) -> None:
        at_least(1, self, "every", "prunings")
        one_of(self, "shape", "exponential", "constant", "cubic", "halving")

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """A segment for the dense network and for each pruning; the last one goes on until the stopping rule."""
        count = (len(keeps) - 1) * self.prunings
        found = [Segment(0, keeps[0], prunes=False, restarts=False, epochs=self.every if count else None)]
        for number in range(1, count + 1):
            level, part = (number - 1) // self.prunings + 1, (number - 1) % self.prunings
            keep = self._keep(keeps[0], keeps[-1], number, count)
            epochs = None if number == count else self.every
            records = part == self.prunings - 1
            found.append(Segment(level, keep, True, restarts=True, part=part, epochs=epochs, records=records))
        if len(keeps) > 1:
            strictly_falling([segment.keep for segment in found if segment.records], f"shape={self.shape}")
        return tuple(found)

    def _keep(self, dense: int, last: int, number: int, count: int) -> int:
        if self.shape == "halving":
            return halving(dense, last, number) if number < count else last
        done = number / count
        if self.shape == "exponential":
            return round(dense * (last / dense) ** done)
        left = 1 - done if self.shape == "constant" else (1 - done) ** 3
        return last + round((dense - last) * left)
