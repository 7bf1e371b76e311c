"""What the loss would feel if a weight went."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.criterion.sensitivity import sensitivity
from lth.method.ranges import at_least
from lth.method.schedule import halving


@dataclass(frozen=True)
class Snip(Criterion):
    """Keep the largest |∂L/∂c| = |w · ∂L/∂w|, with c = 1 what a weight is multiplied with, on `samples` examples.

    Of every class there are as many. With `steps` a pruning goes there in so many steps before the last one, each with
    scores of its own: to half of what is there, and half as far from the last count each time (SNIP-it). Raises
    ValueError unless samples >= 1 and steps >= 0. Sources: Lee et al., SNIP: Single-shot Network Pruning based on
    Connection Sensitivity, 2019; Verdenius et al., Pruning via Iterative Ranking of Sensitivity Statistics, 2020.
    """

    samples: int = 100
    steps: int = 0

    def __post_init__(self) -> None:
        at_least(1, self, "samples")
        at_least(0, self, "steps")

    def keeps(self, before: int, keep: int) -> tuple[int, ...]:
        """See Criterion."""
        return halvings(before, keep, self.steps)

    def score(self, weights: Candidates) -> Tensor:
        """|w · g|, (R, N)."""
        return sensitivity(weights, self.samples).abs()[:, weights.whole.index]


def halvings(before: int, keep: int, steps: int) -> tuple[int, ...]:
    """The keeps of one pruning in so many steps before the last."""
    falling = [halving(before, keep, number) for number in range(1, steps + 1)]
    return (*(count for count in falling if keep < count < before), keep)
