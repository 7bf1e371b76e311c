"""How long the structure of a ticket takes."""

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from lth.data.dataset import Dataset
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


def _median(call: Callable[[], object], repeats: int) -> float:
    call()
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)
