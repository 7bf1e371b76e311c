"""What the loss would gain if a weight went, by its curvature."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from lth.data import measure
from lth.method.criterion.criterion import Candidates, Criterion, Network
from lth.method.criterion.examples import examples


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
        if self.samples < 1:
            raise ValueError(f"samples={self.samples}: must be 1 or more")
        if self.curvature not in ("gauss_newton", "fisher"):
            raise ValueError(f"curvature={self.curvature}: must be gauss_newton or fisher")

    def score(self, weights: Candidates) -> Tensor:
        """½ h w², (R, N) float64."""
        network, found = weights.whole, []
        for place, seed in enumerate(weights.seeds):
            row = (network.state["weight"][place] * network.state["mask"][place]).double()
            drawn = examples(network.dataset, seed, weights.level, self.samples)
            found.append((curvatures(network, row, drawn, self.curvature) * row.square() / 2)[network.index])
        return torch.stack(found)


def curvatures(network: Network, row: Tensor, samples: Tensor, curvature: str) -> Tensor:
    """The diagonal (size,) of one seed's curvature at its parameters (size,), the mean over these samples."""
    with torch.enable_grad():
        values, sums = _forward(network, row.detach().requires_grad_(), samples)
        y = torch.from_numpy(network.dataset.train.y).to(row.device)[samples]
        loss = measure.losses(sums[-1].T[None], y.T[None], network.dataset.tasks).mean() * len(samples)
        (at_logits,) = torch.autograd.grad(loss, sums[-1], create_graph=True)
        directions = [at_logits.detach()] if curvature == "fisher" else _roots(at_logits, sums[-1])
        found = torch.zeros_like(row)
        for direction in directions:
            slopes = torch.autograd.grad(sums, sums, [*map(torch.zeros_like, sums[:-1]), direction], retain_graph=True)
            for layer, (value, slope) in enumerate(zip(values, slopes, strict=True)):
                squares = slope.square()
                network.layout.weight(found[None], layer)[0].add_(squares.T @ value.square() / len(samples))
                network.layout.bias(found[None], layer)[0].add_(squares.mean(dim=0))
    return found.detach()


def _forward(network: Network, row: Tensor, samples: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Each layer's inputs (N, in) and its sums (N, out) before the ReLU, of one seed."""
    layout, sums = network.layout, []
    values = [torch.from_numpy(network.dataset.train.x).to(row.device, row.dtype)[samples]]
    for layer in range(layout.depth):
        weight, bias = layout.weight(row[None], layer)[0], layout.bias(row[None], layer)[0]
        sums.append(functional.linear(values[-1], weight, bias))
        values.append(sums[-1].relu())
    return [value.detach() for value in values[:-1]], sums


def _roots(at_logits: Tensor, logits: Tensor) -> list[Tensor]:
    """Vectors (N, outputs) for each sample whose squares' sum is the loss's second derivative by its logits."""
    columns = [
        torch.autograd.grad(at_logits[:, output].sum(), logits, retain_graph=True)[0]
        for output in range(logits.shape[1])
    ]
    values, vectors = torch.linalg.eigh(torch.stack(columns, dim=2))
    roots = vectors * values.clamp(min=0).sqrt()[:, None, :]
    return list(roots.unbind(dim=2))
