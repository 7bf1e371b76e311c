"""What the loss would gain if a weight went, by its curvature."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.criterion.curvature import curvatures
from lth.method.criterion.examples import examples
from lth.method.ranges import at_least, one_of


@dataclass(frozen=True)
class Obd(Criterion):
    """Keep the largest ½ h w², the loss that a weight's going costs to second order, h its own second derivative.

    `curvature` is gauss_newton, h = E[Jᵀ (∂²L/∂logits²) J], which for ReLU networks is exactly the
    Hessian's diagonal; or fisher, h = E[g²] over `samples` examples. In float64. Raises ValueError unless
    samples >= 1 and for other curvatures. Source: LeCun et al., Optimal Brain Damage, 1990.
    """

    samples: int = 500
    curvature: Literal["gauss_newton", "fisher"] = "gauss_newton"

    def __post_init__(self) -> None:
        at_least(1, self, "samples")
        one_of(self, "curvature", "gauss_newton", "fisher")

    def score(self, weights: Candidates) -> Tensor:
        """½ h w², (R, N) float64."""
        network, found = weights.whole, []
        for place, seed in enumerate(weights.seeds):
            row = (network.state["weight"][place] * network.state["mask"][place]).double()
            drawn = examples(network.dataset, seed, weights.level, self.samples)
            found.append((curvatures(network, row, drawn, self.curvature) * row.square() / 2)[network.index])
        return torch.stack(found)
