"""How a seed's loss bends by its parameters, on some training samples."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from lth.data import measure
from lth.method.criterion.criterion import Network


def curvatures(network: Network, row: Tensor, samples: Tensor, curvature: str) -> Tensor:
    """The diagonal (size,) of one seed's curvature at its parameters (size,), the mean over these samples.

    `curvature` is gauss_newton, E[Jᵀ (∂²L/∂logits²) J], or fisher, E[g gᵀ].
    """
    found, layout = torch.zeros_like(row), network.layout
    for sides in _slopes(network, row, samples, curvature):
        for layer, (value, slope) in enumerate(sides):
            squares = slope.square()
            layout.weight(found[None], layer)[0].add_(squares.T @ value.square() / len(samples))
            layout.bias(found[None], layer)[0].add_(squares.mean(dim=0))
    return found


def curvature_roots(network: Network, row: Tensor, samples: Tensor, curvature: str) -> Tensor:
    """G (directions · samples, size) whose GᵀG is one seed's whole curvature at its parameters (size,)."""
    found = []
    for sides in _slopes(network, row, samples, curvature):
        parts = []
        for value, slope in sides:
            parts += [(slope[:, :, None] * value[:, None, :]).flatten(1), slope]
        found.append(torch.cat(parts, dim=1) / len(samples) ** 0.5)
    return torch.cat(found)


def _slopes(network: Network, row: Tensor, samples: Tensor, curvature: str) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """For each direction of the logits, each layer's inputs (N, in) and slopes (N, out) by its sums."""
    with torch.enable_grad():
        values, sums = _forward(network, row.detach().requires_grad_(), samples)
        y = torch.from_numpy(network.dataset.train.y).to(row.device)[samples]
        loss = measure.losses(sums[-1].T[None], y.T[None], network.dataset.tasks).mean() * len(samples)
        (at_logits,) = torch.autograd.grad(loss, sums[-1], create_graph=True)
        directions = [at_logits.detach()] if curvature == "fisher" else _roots(at_logits, sums[-1])
    for direction in directions:
        ends = [*map(torch.zeros_like, sums[:-1]), direction]
        yield list(zip(values, torch.autograd.grad(sums, sums, ends, retain_graph=True), strict=True))


def _forward(network: Network, row: Tensor, samples: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Each layer's inputs (N, in) and its sums (N, out) before the ReLU, of one seed."""
    layout, sums = network.layout, []
    values = [torch.from_numpy(network.dataset.train.rows(samples.cpu().numpy())).to(row.device, row.dtype)]
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
