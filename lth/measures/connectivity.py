"""Linear mode connectivity: what lies between two trained networks."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lth.data.dataset import Split, Task
from lth.method.layout import Layout
from lth.stack.reference import measured

POINTS = 30
AT_ONCE = 10  # networks that are measured side by side


def barrier(layout: Layout, one: Tensor, other: Tensor, split: Split, tasks: Sequence[Task]) -> float:
    """max over α of E(α·one + (1 − α)·other) − (E(one) + E(other)) / 2, of rows (size,), at 30 points, ends included.

    E is 1 − accuracy on these samples, the mean over the tasks; 0 or more, and 0 for equal networks. Below 0.02 the two
    are called stable. Source: Frankle et al., Linear Mode Connectivity and the Lottery Ticket Hypothesis, 2020.
    """
    x, y = torch.from_numpy(split.x).to(one.dtype), torch.from_numpy(split.y).to(one.dtype)
    alphas = torch.linspace(0, 1, POINTS, dtype=one.dtype)[:, None]
    between = torch.lerp(one, other, alphas)
    errors = torch.cat([1 - measured(layout, rows, x, y, tasks)[:, 1].mean(dim=1) for rows in between.split(AT_ONCE)])
    return float(errors.max() - (errors[0] + errors[-1]) / 2)
