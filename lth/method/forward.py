"""The network as a function of one flat row of parameters for each seed."""

import torch
from torch import Tensor

from lth.method.layout import Layout


def forward(layout: Layout, rows: Tensor, x: Tensor) -> Tensor:
    """Logits (R, outputs, N) of ReLU networks whose masked parameters are rows (R, size); x is (R or 1, N, inputs)."""
    values = x.expand(len(rows), -1, -1)
    for layer, (weight, bias) in enumerate(layout.layers(rows)):
        values = torch.baddbmm(bias[:, None], values, weight.transpose(1, 2))
        if layer < layout.depth - 1:
            values = values.relu()
    return values.transpose(1, 2)
