"""How long the structure of a ticket takes, and which of a layer's products are faster sparse."""

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from lth.data.dataset import Dataset
from lth.stack.layers import DenseLayer, Pattern, SparseLayer
from lth.stack.layout import padded_neurons
from lth.ticket import analyse

SHAPE = (4, 1310, 1310, 2)
CUT_LIMIT = 20_000


def analysis(dataset: Dataset) -> list[dict[str, Any]]:
    """Milliseconds of `analyse` on 1.7 million weights at several densities, median of 7; with and without the cut."""
    random = np.random.default_rng(0)
    rows = []
    for density in (1.0, 0.1, 0.02):
        masks = [random.random((out, into)) < density for into, out in pairwise(SHAPE)]
        weights = [np.where(mask, random.standard_normal(mask.shape), 0) for mask in masks]
        biases = [random.standard_normal(len(mask)) for mask in masks]
        row: dict[str, Any] = {"density": density, "weights": int(sum(mask.sum() for mask in masks))}
        for name, limit in (("without cut", 0), ("with cut", CUT_LIMIT)):
            row[name] = 1e3 * _median(
                lambda m=masks, w=weights, b=biases, c=limit: analyse(m, dataset.tasks, w, b, cut_limit=c).columns(), 7
            )
        rows.append(row)
    return rows


def products() -> list[dict[str, Any]]:
    """Microseconds of one layer's three products on 64 samples, dense and sparse, by width and density."""
    rows = []
    for width in (96, 128, 192, 256, 410, 1310):
        side = padded_neurons(width)
        dense = _products(DenseLayer(torch.randn(1, side, side), torch.empty(1, side, side)), side)
        row: dict[str, Any] = {"width": width, "dense": dense}
        for density in (0.3, 0.2, 0.15, 0.1, 0.05, 0.02):
            pattern = Pattern.of(torch.rand(width, width) < density, (side, side))
            layer = SparseLayer(pattern, torch.randn(1, pattern.values), torch.empty(1, pattern.values))
            row[str(density)] = _products(layer, side)
        rows.append(row)
    return rows


def _products(layer: DenseLayer | SparseLayer, side: int) -> float:
    inputs, errors, out = torch.randn(1, side, 64), torch.randn(1, side, 64), torch.empty(1, side, 64)
    transposed = inputs.transpose(1, 2)

    def step() -> None:
        layer.forward(inputs, out)
        layer.weight_gradient(errors, transposed)
        layer.input_gradient(errors, out)

    with torch.no_grad():
        return 1e6 * _median(step, 50)


def _median(call: Callable[[], object], repeats: int) -> float:
    call()
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)
