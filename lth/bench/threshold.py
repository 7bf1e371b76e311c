"""Below which density a layer is faster weight by weight than dense."""

from statistics import median
from typing import Any

from lth.bench.problem import Start
from lth.bench.throughput import HIDDEN, kernel_runs, one_core, rate_of
from lth.data.dataset import Dataset

DENSITIES = (1.0, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
TURNS = 5


def threshold(dataset: Dataset, seconds: float) -> list[dict[str, Any]]:
    """One row per size: the rate of all layers sparse over that of all dense, by density; medians of 5 turns."""
    with one_core():
        return [{"hidden": hidden, **{f"density {density}": _ratio(dataset, hidden, density, seconds)
                                      for density in DENSITIES}} for hidden in HIDDEN]  # fmt: skip


def _ratio(dataset: Dataset, hidden: int, density: float, seconds: float) -> float:
    start = Start.of(hidden, density, dataset.inputs, dataset.outputs)
    (dense,), (sparse,) = (kernel_runs(dataset, start, 1, sparse_below=limit) for limit in (0, 2))
    ratios = [rate_of(sparse, seconds / 2, turns=1) / rate_of(dense, seconds / 2, turns=1) for _ in range(TURNS)]
    return median(ratios)
