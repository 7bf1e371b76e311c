"""The network by PyTorch, dense and masked: what it answers and how well."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lth.data import measure
from lth.data.dataset import Split, Task
from lth.method.forward import forward
from lth.method.layout import Layout

HELD_OUT_SAMPLES = 4096  # measured at once


@torch.no_grad()
def measured(layout: Layout, rows: Tensor, x: Tensor, y: Tensor, tasks: Sequence[Task]) -> Tensor:
    """(R, 2, T) float64: losses and accuracies of these rows on all samples."""
    chunks = zip(x.split(HELD_OUT_SAMPLES), y.split(HELD_OUT_SAMPLES), strict=True)
    logits = torch.cat([forward(layout, rows, part[None]) for part, _ in chunks], dim=2)
    return torch.stack([measure.losses(logits, y.T, tasks), measure.accuracy(logits, y.T, tasks)], dim=1).double()


def measure_split(layout: Layout, row: Tensor, split: Split, tasks: Sequence[Task]) -> np.ndarray:
    """(2, T) losses and accuracies of one seed's masked parameters (size,) on a split."""
    x, y = (torch.from_numpy(part).to(row.device, row.dtype) for part in (split.x, split.y))
    return measured(layout, row[None], x, y, tasks)[0].cpu().numpy()
