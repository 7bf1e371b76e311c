"""Noise for effective weights: every seed draws in the order of its canonical row."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

from lth.method.layout import Layout


def normal(rows: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
    """Standard normal numbers for the weights of rows (R, W), 0 for biases and padding."""
    return _drawn(torch.randn, rows, layout, streams) * weights_of(rows, layout)


def uniform(rows: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
    """Numbers strictly between 0 and 1, (R, W), whose logarithms are finite; ½ in padding."""
    least = torch.finfo(rows.dtype).eps
    return _drawn(torch.rand, rows, layout, streams, 0.5).clamp(least, 1 - least)


def weights_of(rows: Tensor, layout: Layout) -> Tensor:
    """Which numbers of rows (R, W) are weights, (1, W) bool on their device."""
    return layout.is_weight(rows.shape[1]).to(rows.device)


def _drawn(
    draw: Callable[..., Tensor], rows: Tensor, layout: Layout, streams: Sequence[torch.Generator], spare: float = 0.0
) -> Tensor:
    found = torch.stack([draw(layout.size, generator=stream, dtype=rows.dtype) for stream in streams])
    return pad(found, (0, rows.shape[1] - layout.size), value=spare).to(rows.device)
