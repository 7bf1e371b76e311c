"""How long a sweep will still take, from running sums: the same work however many stacks wait or are done."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

STEP = 1.25  # sizes whose costs differ by less than this factor count as one


class Timed(Protocol):
    """What is asked of a stack: expected costs, in any unit, and seconds of workers."""

    @property
    def per_seed(self) -> float: ...
    @property
    def left(self) -> float: ...
    @property
    def rate(self) -> float | None: ...
    @property
    def under_way(self) -> float: ...


@dataclass
class _Size:
    """Stacks of about the same cost: what the waiting ones cost, and what was measured of the others."""

    waiting: float = 0.0
    seconds: float = 0.0
    units: float = 0.0


@dataclass
class TimeLeft:
    """Told when stacks wait, start and have done some of their cost; tells the seconds of workers that are left.

    `guess` are the seconds per unit of cost as long as nothing was measured; None where nobody can tell.
    """

    guess: float | None = None
    _sizes: dict[int, _Size] = field(default_factory=lambda: defaultdict(_Size))

    def waits(self, stack: Timed, sign: int = 1) -> None:
        """A stack waits, or with the sign -1 no longer."""
        self._sizes[_size(stack)].waiting += sign * stack.left

    def measured(self, stack: Timed, seconds: float, units: float) -> None:
        """Of a stack so many units of cost took so many seconds of workers."""
        size = self._sizes[_size(stack)]
        size.seconds += seconds
        size.units += units

    def seconds(self, running: Iterable[Timed]) -> float | None:
        """Seconds of workers until these and all that wait are done; None before anything was measured or guessed.

        A stack of which nothing was measured goes by those of its size, or of the size nearest to it.
        """
        known = self._known()
        if not known:
            return None
        total = sum(size.waiting * known[_nearest(known, place)] for place, size in list(self._sizes.items()))
        return max(0.0, total + sum(_until_done(stack, known) for stack in running))

    def of(self, stack: Timed) -> float | None:
        """Seconds of workers until this one, which runs, is done; None as for all of them."""
        known = self._known()
        return _until_done(stack, known) if known else None

    def _known(self) -> dict[int, float]:
        """Seconds per unit of cost, by size."""
        known = {place: size.seconds / size.units for place, size in list(self._sizes.items()) if size.units > 0}
        return known if known or self.guess is None else {0: self.guess}


def _until_done(stack: Timed, known: dict[int, float]) -> float:
    rate = stack.rate or known[_nearest(known, _size(stack))]
    return max(0.0, stack.left * rate - stack.under_way)


def _nearest(places: Iterable[int], place: int) -> int:
    return min(places, key=lambda known: abs(known - place))


def _size(stack: Timed) -> int:
    return round(math.log(stack.per_seed or 1) / math.log(STEP))
