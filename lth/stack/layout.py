"""The two orders in which a seed's parameters lie in one flat row: the canonical one and the packed one for training."""

from collections.abc import Sequence

import torch
from torch import Tensor

# Every block starts at a multiple of 32 numbers. Rows and blocks that are aligned alike, without a ragged end, are
# computed by the same instructions whatever stands beside them: this keeps a seed's bits the same in every stack.
ALIGNMENT = 32


def aligned(count: int) -> int:
    """The smallest multiple of ALIGNMENT that is at least `count`."""
    return -(-count // ALIGNMENT) * ALIGNMENT


class Layout:
    """The canonical order of all parameters of one seed: layer by layer, weights (out, in) row-major, then biases.

    Masks, anchors and tickets use this order; the flat index of pruning is this order without the unprunable biases.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths = tuple(widths)
        self.depth = len(self.widths) - 1
        self._weight, self._bias, offset = [], [], 0
        for fan_in, fan_out in zip(self.widths, self.widths[1:], strict=False):
            self._weight.append(offset)
            self._bias.append(offset + fan_in * fan_out)
            offset += (fan_in + 1) * fan_out
        self.size = offset

    def weight(self, rows: Tensor, layer: int) -> Tensor:
        """The view (R, out, in) of one layer's weights in rows (R, size)."""
        start, end = self._weight[layer], self._bias[layer]
        return rows[:, start:end].view(len(rows), self.widths[layer + 1], self.widths[layer])

    def bias(self, rows: Tensor, layer: int) -> Tensor:
        """The view (R, out) of one layer's biases in rows (R, size)."""
        return rows[:, self._bias[layer] : self._bias[layer] + self.widths[layer + 1]]

    def block_sizes(self, biases: bool) -> tuple[int, ...]:
        """The number of prunable parameters of each layer, with or without its biases."""
        pairs = zip(self.widths, self.widths[1:], strict=False)
        return tuple((fan_in + biases) * fan_out for fan_in, fan_out in pairs)

    def prunable(self, biases: bool) -> Tensor:
        """The positions (N,) in a row of the parameters that may be pruned, in the flat order of pruning."""
        if biases:
            return torch.arange(self.size)
        spans = zip(self._weight, self._bias, strict=True)
        return torch.cat([torch.arange(start, end) for start, end in spans])


class Packing:
    """The order in which a seed trains: each layer one block (out, in + 1), its biases the last column.

    With the biases as a column, one product gives a layer's weight and bias gradients. The widths may be smaller than
    the layout's: then only some of the hidden neurons are packed (`lth.stack.compact`).
    """

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths = tuple(widths)
        self.depth = len(self.widths) - 1
        self._start, offset = [], 0
        for fan_in, fan_out in zip(self.widths, self.widths[1:], strict=False):
            self._start.append(offset)
            offset += aligned((fan_in + 1) * fan_out)
        self.size = offset

    def block(self, rows: Tensor, layer: int) -> Tensor:
        """The view (R, out, in + 1) of one layer's weights and biases in packed rows (R, size)."""
        fan_in, fan_out = self.widths[layer], self.widths[layer + 1]
        start = self._start[layer]
        return rows[:, start : start + (fan_in + 1) * fan_out].view(len(rows), fan_out, fan_in + 1)

    def sources(self, layout: Layout, neurons: Sequence[Tensor]) -> Tensor:
        """Where each packed position (size,) comes from in the canonical row, -1 where nothing belongs.

        `neurons[l]` are the rising indices of layer l's packed neurons, at most `widths[l]` of them.
        """
        canonical = torch.arange(layout.size).unsqueeze(0)
        sources = torch.full((1, self.size), -1)
        for layer in range(self.depth):
            into, out = neurons[layer], neurons[layer + 1]
            block = self.block(sources, layer)[0]
            weights = layout.weight(canonical, layer)[0]
            block[: len(out), : len(into)] = weights.index_select(0, out).index_select(1, into)
            block[: len(out), -1] = layout.bias(canonical, layer)[0].index_select(0, out)
        return sources[0]
