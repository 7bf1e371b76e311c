"""Hidden layers that differ from each other by little."""

# ruff: noqa: ARG002 - a hook uses only what it needs

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.effective import Effective
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.state import State


@dataclass(frozen=True)
class Residual(Effective):
    """W_{l+1} = W_l + u_l v_lᵀ from the first matrix between hidden layers on, so 2h parameters a layer and not h².

    All hidden layers have h neurons. u and v are trained and start as the first column and row of what was drawn for
    W_{l+1}; in their tensors they lie where that layer's biases do. Masks cut what comes of it. Source: residual
    learning, He et al., Deep Residual Learning for Image Recognition, 2016, of weights instead of values.
    """

    trained = ("weight", "left", "right")
    still = False

    def check(self, fit: Fit) -> None:
        """It needs two matrices of one size between hidden layers."""
        if len(set(fit.hidden)) > 1:
            raise ValueError(f"the hidden layers must have one width, not {list(fit.hidden)}")
        if len(fit.hidden) < 3:
            raise ValueError(f"{len(fit.hidden)} hidden layers have no two matrices between them; 3 or more have")
        if fit.method.biases:
            raise ValueError("the factors lie where biases do, and stay: pruning.biases must be false")

    def begin(self, weight: Tensor, layout: Layout) -> State:
        """The factors `left`, u, and `right`, v."""
        left, right = torch.zeros_like(weight), torch.zeros_like(weight)
        for layer in range(2, layout.depth - 1):
            layout.bias(left, layer).copy_(layout.weight(weight, layer)[:, :, 0])
            layout.bias(right, layer).copy_(layout.weight(weight, layer)[:, 0, :])
        return {"left": left, "right": right}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """The matrices, each built on the one before."""
        return self.measured(raw, layout)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """The same: there is no noise."""
        rows = zip(raw["weight"].split(1), raw["left"].split(1), raw["right"].split(1), strict=True)
        # One by one: products round as they would alone.
        return torch.cat([self._row(row, left, right, layout) for row, left, right in rows])

    def _row(self, row: Tensor, left: Tensor, right: Tensor, layout: Layout) -> Tensor:
        parts, matrix = [], layout.weight(row, 0)[0]
        for layer in range(layout.depth):
            if 2 <= layer < layout.depth - 1:
                matrix = matrix + torch.outer(layout.bias(left, layer)[0], layout.bias(right, layer)[0])
            else:
                matrix = layout.weight(row, layer)[0]
            parts += [matrix.flatten(), layout.bias(row, layer)[0]]
        return torch.cat([*parts, row[0, layout.size :]])[None]
