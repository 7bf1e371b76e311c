"""The ladder of hidden sizes that share one pruning trajectory (network extension, "Winning the Lottery Twice")."""

from dataclasses import dataclass
from math import sqrt

from lth.method.ranges import at_least
from lth.method.schedule import strictly_falling


@dataclass(frozen=True)
class Ladder:
    """The sizes whose weight counts grow by 1/(1 − rate) from rung to rung, for `depth` hidden layers of equal size.

    Rung 0 has `base` hidden neurons a layer; rung e is as large as rung 0 grown e times, so a net on rung e is pruned
    e times, through the weight counts of the rungs below it. Raises ValueError for sizes below 1 or a rate outside
    (0, 1). Example: Ladder(base=8, rate=0.32, depth=2, d_in=4, d_out=2) has the rungs 8, 10, 13, 16, 20, …
    """

    base: int
    rate: float
    depth: int
    d_in: int
    d_out: int

    def __post_init__(self) -> None:
        at_least(1, self, "base", "depth", "d_in", "d_out")
        if not 0 < self.rate < 1:
            raise ValueError(f"rate={self.rate}: the share removed per level lies strictly between 0 and 1")

    def weights(self, hidden: int) -> int:
        """The weights of a net with `depth` hidden layers of `hidden` neurons: (m − 1)h² + (d_in + d_out)h."""
        return (self.depth - 1) * hidden**2 + (self.d_in + self.d_out) * hidden

    def hidden(self, rung: int) -> int:
        """The hidden size of a rung: the positive root of weights(h) = weights(base)/(1 − rate)^rung, rounded."""
        a, b, c = self.depth - 1, self.d_in + self.d_out, self.weights(self.base) / (1 - self.rate) ** rung
        # This form of the root needs no case for a = 0 (one hidden layer) and does not cancel.
        return round(2 * c / (b + sqrt(b * b + 4 * a * c)))

    def rung_of(self, hidden: int) -> int:
        """The rung that has `hidden` neurons a layer; ValueError naming the nearest sizes when none has."""
        rung = 0
        while self.hidden(rung) < hidden:
            rung += 1
        above = self.hidden(rung)
        if above != hidden:
            nearest = f"{self.hidden(rung - 1)} and {above}" if rung else f"{above}, the smallest"
            raise ValueError(
                f"hidden={hidden} is off the ladder from base={self.base} at rate={self.rate:.4g}: nearest: {nearest}"
            )
        return rung

    def span(self, first: int, last: int) -> tuple[int, ...]:
        """All hidden sizes of the ladder from `first` to `last`, both included, upwards or downwards.

        Raises ValueError when an end is off the ladder.
        """
        start, end = self.rung_of(first), self.rung_of(last)
        step = 1 if start <= end else -1
        return tuple(self.hidden(rung) for rung in range(start, end + step, step))

    def keeps(self, hidden: int, *, biases: bool = False) -> tuple[int, ...]:
        """The trajectory of a net on the ladder: the weight counts of its rung and of every rung below, down to base.

        With `biases` the counts include each rung's biases. Raises ValueError off the ladder, and when the rate is so
        small that two rungs have one size.
        """
        sizes = [self.hidden(rung) for rung in range(self.rung_of(hidden), -1, -1)]
        counts = [self.weights(size) + biases * (self.depth * size + self.d_out) for size in sizes]
        return strictly_falling(counts, f"base={self.base}, rate={self.rate:.4g} and hidden={hidden}")
