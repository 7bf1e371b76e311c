"""How the loss bends in all parameters at once, for a ranking and for what makes up for it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Network
from lth.method.criterion.curvature import curvature_roots
from lth.method.criterion.examples import examples
from lth.method.fit import Fit, Part
from lth.method.layout import Layout
from lth.method.ranges import above_zero, at_least

LARGEST = 6000  # parameters, whose whole Hessian is inverted


@dataclass(frozen=True)
class Bending(Part):
    """A part that reads the Gauss-Newton matrix of all unpruned parameters, on `samples` examples and damped."""

    samples: int = 500
    damping: float = 1e-4

    def __post_init__(self) -> None:
        at_least(1, self, "samples")
        above_zero(self, "damping")

    def check(self, fit: Fit) -> None:
        """The whole matrix must fit."""
        size = Layout(fit.widths).size
        if size > LARGEST:
            raise ValueError(
                f"the second derivatives of {size} parameters by each other are too many; {LARGEST} are not"
            )

    def matrix(self, network: Network, row: Tensor, seed: int, level: int, free: Tensor) -> Tensor:
        """H (F, F) of one seed's free parameters at the values `row`, with `damping` on its diagonal."""
        drawn = examples(network.dataset, seed, level, self.samples)
        roots = curvature_roots(network, row, drawn, "gauss_newton")[:, free]
        return roots.T @ roots + self.damping * torch.eye(len(free), dtype=row.dtype, device=row.device)
