"""What the loss would feel if a neuron went."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.criterion.sensitivity import sensitivity
from lth.method.criterion.snip import halvings
from lth.method.ranges import at_least


@dataclass(frozen=True)
class SnapIt(Criterion):
    """Keep the neurons of largest |∂L/∂c|, with c = 1 what a neuron's output is multiplied with: |Σ w · ∂L/∂w|.

    The sum is over its outgoing weights, and the same over its incoming ones and its bias, for a ReLU lets factors
    through. In `steps` as SNIP-it, on `samples` examples, of every class as many. Raises ValueError unless samples >= 1
    and steps >= 0. Source: Verdenius et al., Pruning via Iterative Ranking of Sensitivity Statistics, 2020.
    """

    samples: int = 100
    steps: int = 6
    neurons = True

    def __post_init__(self) -> None:
        at_least(1, self, "samples")
        at_least(0, self, "steps")

    def keeps(self, before: int, keep: int) -> tuple[int, ...]:
        """See Criterion."""
        return halvings(before, keep, self.steps)

    def score(self, weights: Candidates) -> Tensor:
        """|Σ_out w · g|, (R, hidden neurons)."""
        layout, found = weights.whole.layout, []
        for row in sensitivity(weights, self.samples):  # one by one: sums round as they would alone
            outgoing = [layout.weight(row[None], layer)[0].sum(dim=0) for layer in range(1, layout.depth)]
            found.append(torch.cat(outgoing).abs())
        return torch.stack(found)
