"""Stacks of networks that criteria score, made by hand or by lot."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lth.data.dataset import Dataset
from lth.method.criterion.criterion import Candidates, Network
from lth.method.layout import Layout
from tests.small_jobs import moons_circles


def stack_of(
    weight: Tensor, widths: Sequence[int], mask: Tensor | None = None, *, keep: int = 0,
    biases: bool = False, dataset: Dataset | None = None,
) -> Candidates:  # fmt: skip
    """The candidates of networks with these parameters (R, size), unmasked unless told otherwise."""
    layout = Layout(widths)
    mask = torch.ones_like(weight, dtype=torch.bool) if mask is None else mask
    state = {"weight": weight * mask, "anchor": weight.clone(), "mask": mask.clone()}
    index = layout.prunable(biases)
    network = Network(state, layout, index, dataset or moons_circles())
    trained, anchor = (state[name][:, index] for name in ("weight", "anchor"))
    seeds = tuple(range(len(weight)))
    return Candidates(trained, anchor, mask[:, index], layout.block_sizes(biases), seeds, 0, network=network, keep=keep)


def by_lot(widths: Sequence[int], seeds: int = 2, dtype: torch.dtype = torch.float64, scale: float = 1.0) -> Tensor:
    """Parameters (R, size), weights and biases alike normal."""
    draw = torch.Generator().manual_seed(sum(widths))
    return scale * torch.randn(seeds, Layout(widths).size, generator=draw, dtype=dtype)
