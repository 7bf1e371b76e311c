"""One pruning as soon as its mask has come to rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from lth.method.clock.clock import Clock, Segment
from lth.method.fit import Fit
from lth.method.ranges import above_zero, at_least


@dataclass(frozen=True)
class EarlyBird(Clock):
    """Train the dense network until the mask that it would be pruned to rests, prune to the last keep at once, train.

    The mask is drawn every `every` epochs, `most` times at most. It rests once the newest of the last `window` masks
    is less than `distance` from each of the others: the share of the parameters in which they differ, or, `of_chance`,
    that share in units of what random masks of the same density q differ in, 2q(1 − q). Without it nearly everything
    rests at low densities: the published 0.1 is for half the network, where it is 0.2 of chance. Raises ValueError
    unless every and most are 1 or more, window 2 or more, and distance above 0; fits no rewinding to a later step.
    Source: You et al., Drawing Early-Bird Tickets, 2020.
    """

    watches = True
    every: int = 1
    most: int = 200
    window: int = 5
    distance: float = 0.1
    of_chance: bool = False

    def __post_init__(self) -> None:
        at_least(1, self, "every", "most")
        at_least(2, self, "window")
        above_zero(self, "distance")

    def check(self, fit: Fit) -> None:
        """See Part."""
        if fit.method.restart.step:
            raise ValueError(
                f"its dense level has no step {fit.method.restart.step} for sure: needs a rewind to step 0"
            )

    def segments(self, keeps: Sequence[int]) -> tuple[Segment, ...]:
        """The dense level in parts that are watched and one without training that records it, and the pruned one."""
        if len(keeps) == 1:
            return (Segment(0, keeps[0], prunes=False, restarts=False),)
        parts = [
            Segment(0, keeps[0], prunes=False, restarts=False, part=part, epochs=self.every, records=False)
            for part in range(self.most)
        ]
        dense = Segment(0, keeps[0], prunes=False, restarts=False, part=self.most, epochs=0)
        return (*parts, dense, Segment(1, keeps[-1], prunes=True, restarts=True))

    def settled(self, masks: Sequence[Tensor]) -> bool:
        """Whether the newest mask is close to those before it in the window."""
        if len(masks) < self.window:
            return False
        *earlier, newest = masks[-self.window :]
        scale = chance(newest) if self.of_chance else 1.0
        return all(apart(mask, newest) < self.distance * scale for mask in earlier)


def apart(one: Tensor, other: Tensor) -> float:
    """The share of parameters that one of two masks (N,) keeps and the other does not."""
    return float((one ^ other).double().mean())


def chance(mask: Tensor) -> float:
    """How far two random masks of this one's density q are apart, on average: 2q(1 − q)."""
    density = float(mask.double().mean())
    return 2 * density * (1 - density)
