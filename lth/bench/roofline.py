"""What bounds a step: its multiplications against the fastest product of this core, its bytes against its memory."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from lth.bench.loops import BATCH
from lth.bench.throughput import HIDDEN
from lth.data.dataset import Dataset

SIDE = 512  # a product that fits the caches and is large enough for full speed
STREAMED = 16_000_000  # numbers of a copy that does not fit them
ADAM_PASSES = 9  # reads of weight, gradient, mask and two moments; writes of weight, gradient and two moments


def roofline(dataset: Dataset) -> list[dict[str, Any]]:
    """Per hidden size and seed-step: multiply-adds, bytes of the optimiser, and the seed-steps/s that they allow.

    A step has three products per weight of 64 samples, the first layer two, and its share of the validation.
    """
    rate, bandwidth = _gigaflops(), _gigabytes()
    batches = -(-len(dataset.train) // BATCH)
    rows = []
    for hidden in HIDDEN:
        first, later = (dataset.inputs + 1) * hidden, (hidden + 1) * (hidden + dataset.outputs)
        trained = BATCH * (2 * first + 3 * later)
        validated = len(dataset.val) / batches * (first + later)
        flops, streamed = 2 * (trained + validated), 4 * ADAM_PASSES * (first + later)
        rows.append({
            "hidden": hidden, "kflop": flops / 1e3, "optimiser kB": streamed / 1e3, "GFLOP/s": rate, "GB/s": bandwidth,
            "products allow": 1e9 * rate / flops, "both allow": 1 / (flops / rate / 1e9 + streamed / bandwidth / 1e9),
        })  # fmt: skip
    return rows


def _gigaflops() -> float:
    left, right, out = (torch.randn(SIDE, SIDE) for _ in range(3))
    return 2 * SIDE**3 / _fastest(lambda: torch.mm(left, right, out=out)) / 1e9


def _gigabytes() -> float:
    values, out = torch.randn(STREAMED), torch.empty(STREAMED)
    return 2 * 4 * STREAMED / _fastest(lambda: out.copy_(values)) / 1e9


def _fastest(call: Callable[[], object]) -> float:
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        call()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)
