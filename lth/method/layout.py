"""The canonical order in which a seed's parameters lie in one flat row."""

from collections.abc import Sequence

import torch
from torch import Tensor


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

    def layers(self, rows: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Views of the weights (R, out, in) and biases (R, out) of all layers in rows (R, size or more).

        Cut all at once: their gradients then are put together once, where each view alone would be added to zeros.
        """
        pairs = list(zip(self.widths, self.widths[1:], strict=False))
        sizes = [size for fan_in, fan_out in pairs for size in (fan_in * fan_out, fan_out)]
        cut = (rows if rows.shape[1] == self.size else rows[:, : self.size]).split_with_sizes(sizes, dim=1)
        shaped = (of.view(len(rows), b, a) for of, (a, b) in zip(cut[::2], pairs, strict=True))
        return list(zip(shaped, cut[1::2], strict=True))

    def parts(self, row: Tensor) -> list[Tensor]:
        """Views of one seed's row (size,): weights (out, in) and biases (out,), layer by layer."""
        found = []
        for layer in range(self.depth):
            found += [self.weight(row[None], layer)[0], self.bias(row[None], layer)[0]]
        return found

    def block_sizes(self, biases: bool) -> tuple[int, ...]:
        """The number of prunable parameters of each layer, with or without its biases."""
        pairs = zip(self.widths, self.widths[1:], strict=False)
        return tuple((fan_in + biases) * fan_out for fan_in, fan_out in pairs)

    def is_weight(self, width: int) -> Tensor:
        """Which numbers of a row that is padded to `width` are weights, not biases or padding: (1, width) bool."""
        found = torch.zeros(1, width, dtype=torch.bool)
        found[0, self.prunable(biases=False)] = True
        return found

    def prunable(self, biases: bool) -> Tensor:
        """The positions (N,) in a row of the parameters that may be pruned, in the flat order of pruning."""
        if biases:
            return torch.arange(self.size)
        spans = zip(self._weight, self._bias, strict=True)
        return torch.cat([torch.arange(start, end) for start, end in spans])
