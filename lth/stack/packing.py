"""The order in which seeds train: neurons and weights packed into one row per seed, each layer dense or sparse."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lth.stack.layers import DenseLayer, Layer, Pattern, SparseLayer
from lth.stack.layout import Layout, aligned


class Packing:
    """Each layer one block (out, in + 1), its biases the last column, so that one product gives both gradients.

    The widths may be smaller than the network's: then only some hidden neurons are packed (`lth.stack.compact`). A
    layer with a pattern holds that pattern's values only; then the packing is for the one seed that has it.
    """

    def __init__(self, widths: Sequence[int], patterns: Sequence[Pattern | None] | None = None) -> None:
        self.widths = tuple(widths)
        self.depth = len(self.widths) - 1
        self.patterns = (None,) * self.depth if patterns is None else tuple(patterns)
        self._start, offset = [], 0
        for layer in range(self.depth):
            self._start.append(offset)
            offset += aligned(self._count(layer))
        self.size = offset

    def block(self, rows: Tensor, layer: int) -> Tensor:
        """The view (R, out, in + 1) of a dense layer's weights and biases in packed rows (R, size)."""
        return self._values(rows, layer).view(len(rows), self.widths[layer + 1], self.widths[layer] + 1)

    def layers(self, rows: Tensor, gradients: Tensor | None) -> list[Layer]:
        """The layers' products, on views of the rows and of the gradient rows (R, size)."""
        return [self._layer(rows, gradients, layer) for layer in range(self.depth)]

    def sources(self, layout: Layout, neurons: Sequence[Tensor]) -> Tensor:
        """Where each packed position (size,) comes from in the canonical row, -1 where nothing belongs.

        `neurons[l]` are the rising indices of layer l's packed neurons, at most `widths[l]` of them.
        """
        sources = torch.full((1, self.size), -1)
        for layer, pattern in enumerate(self.patterns):
            places = layout.places(layer, neurons[layer], neurons[layer + 1])
            if pattern is not None:
                self._values(sources, layer)[0] = places[pattern.mask]
                continue
            block = self.block(sources, layer)[0]
            block[: len(places), : places.shape[1] - 1] = places[:, :-1]
            block[: len(places), -1] = places[:, -1]
        return sources[0]

    def _layer(self, rows: Tensor, gradients: Tensor | None, layer: int) -> Layer:
        pattern = self.patterns[layer]
        if pattern is None:
            return DenseLayer(self.block(rows, layer), None if gradients is None else self.block(gradients, layer))
        values = self._values(rows, layer)
        return SparseLayer(pattern, values, None if gradients is None else self._values(gradients, layer))

    def _values(self, rows: Tensor, layer: int) -> Tensor:
        start = self._start[layer]
        return rows[:, start : start + self._count(layer)]

    def _count(self, layer: int) -> int:
        pattern = self.patterns[layer]
        return (self.widths[layer] + 1) * self.widths[layer + 1] if pattern is None else pattern.values
