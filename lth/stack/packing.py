"""How the parameters of R seeds lie in one flat buffer while they train: layer by layer, each layer dense or sparse."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lth.stack.layers import DenseLayer, Layer, Pattern, SparseLayer
from lth.stack.layout import Layout, aligned, padded_inputs, padded_neurons


class Packing:
    """Which neurons train, and where their weights lie: per layer one block (out, in) for each seed.

    A block's inputs are the neurons below, then a one, then zeros; the column of the one holds the biases, and hidden
    blocks have a row that passes the one on. So one product gives a layer's outputs and one all its gradients. Widths
    may be smaller than the network's: then only some hidden neurons are packed (`lth.stack.compact`). A layer with a
    pattern holds that pattern's values only; then the packing is for the one seed that has it.
    """

    def __init__(self, widths: Sequence[int], patterns: Sequence[Pattern | None] | None = None) -> None:
        self.widths = tuple(widths)
        self.depth = len(self.widths) - 1
        self.patterns = (None,) * self.depth if patterns is None else tuple(patterns)
        hidden = [padded_neurons(width) for width in self.widths[1:-1]]
        self.columns = (padded_inputs(self.widths[0]), *hidden)
        self.rows = (*hidden, padded_inputs(self.widths[-1] - 1))
        self.sizes = tuple(aligned(self._count(layer)) for layer in range(self.depth))
        self.size = sum(self.sizes)

    def by_layer(self, rows: Tensor) -> Tensor:
        """Rows of seeds (R, size) as the flat buffer (R x size,) that trains: layer by layer, in each seed by seed."""
        return torch.cat([part.flatten() for part in rows.split(self.sizes, dim=1)])

    def by_seed(self, flat: Tensor) -> Tensor:
        """The flat buffer as rows of seeds (R, size), a copy."""
        seeds = len(flat) // self.size
        parts = flat.split([seeds * size for size in self.sizes])
        return torch.cat([part.view(seeds, -1) for part in parts], dim=1)

    def block(self, flat: Tensor, layer: int) -> Tensor:
        """The view (R, rows, columns) of a dense layer in a flat buffer."""
        values = self._values(flat, layer)
        block = values[:, : self.rows[layer] * self.columns[layer]]
        return block.view(len(values), self.rows[layer], self.columns[layer])

    def layers(self, flat: Tensor, gradients: Tensor | None) -> list[Layer]:
        """The layers' products, on views of the buffer and of the gradients' buffer."""
        return [self._layer(flat, gradients, layer) for layer in range(self.depth)]

    def weights(self, flat: Tensor) -> Tensor:
        """The weights (R, W) of dense layers without biases, in the canonical order."""
        blocks = [
            self.block(flat, layer)[:, : self.widths[layer + 1], : self.widths[layer]].flatten(1)
            for layer in range(self.depth)
        ]
        return torch.cat(blocks, dim=1)

    def ones(self, flat: Tensor) -> list[Tensor]:
        """The views (R,) of the ones that hidden blocks pass on; they are no parameters and must not change."""
        return [self._one(flat, layer) for layer in range(self.depth - 1)]

    def passing_rows(self, flat: Tensor) -> list[Tensor]:
        """The views (R, columns) of the rows that pass the ones on: nothing in them may get a gradient."""
        return [
            self._one(flat, layer) if self.patterns[layer] else self.block(flat, layer)[:, self.widths[layer + 1]]
            for layer in range(self.depth - 1)
        ]

    def with_ones(self, rows: Tensor) -> Tensor:
        """Rows of seeds (R, size) as a flat buffer whose ones are set."""
        flat = self.by_layer(rows)
        for one in self.ones(flat):
            one.fill_(1)
        return flat

    def sources(self, layout: Layout, neurons: Sequence[Tensor]) -> Tensor:
        """Where each position of a seed's row (size,) comes from in the canonical row, -1 where nothing belongs.

        `neurons[l]` are the rising indices of layer l's packed neurons, at most `widths[l]` of them.
        """
        sources = torch.full((self.size,), -1)
        for layer, pattern in enumerate(self.patterns):
            places = layout.places(layer, neurons[layer], neurons[layer + 1])
            if pattern is not None:
                self._values(sources, layer)[0, : len(pattern.order) + len(places)] = places[pattern.mask]
                continue
            block = self.block(sources, layer)[0]
            block[: len(places), : places.shape[1] - 1] = places[:, :-1]
            block[: len(places), self.widths[layer]] = places[:, -1]
        return sources

    def _layer(self, flat: Tensor, gradients: Tensor | None, layer: int) -> Layer:
        pattern = self.patterns[layer]
        if pattern is None:
            return DenseLayer(self.block(flat, layer), None if gradients is None else self.block(gradients, layer))
        values = self._values(flat, layer)[:, : pattern.values]
        found = None if gradients is None else self._values(gradients, layer)[:, : pattern.values]
        return SparseLayer(pattern, values, found)

    def _values(self, flat: Tensor, layer: int) -> Tensor:
        seeds, before = len(flat) // self.size, sum(self.sizes[:layer])
        return flat[seeds * before : seeds * (before + self.sizes[layer])].view(seeds, -1)

    def _one(self, flat: Tensor, layer: int) -> Tensor:
        pattern = self.patterns[layer]
        if pattern is not None:
            return self._values(flat, layer)[:, pattern.values - 1]
        return self.block(flat, layer)[:, self.widths[layer + 1], self.widths[layer]]

    def _count(self, layer: int) -> int:
        pattern = self.patterns[layer]
        return self.rows[layer] * self.columns[layer] if pattern is None else pattern.values
