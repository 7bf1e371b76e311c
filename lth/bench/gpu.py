"""Seed-steps per second of PyTorch's path on a GPU, its epochs replayed as one CUDA graph."""

import statistics
import time
from typing import Any

import torch

from lth.bench.problem import BATCH, Start
from lth.bench.throughput import REPEATS, batched
from lth.data.dataset import Dataset
from lth.stack.torch import GPU_EPOCHS, Batched

HIDDEN = (57, 410)
SEEDS = (16, 256, 1000)
STREAMED = 2**28  # numbers of a copy that no cache holds
ADAM_PASSES = 9  # reads of weight, gradient, mask and two moments; writes of weight, gradient and two moments


class NoGPUError(RuntimeError):
    """There is no GPU to measure."""


def on_gpu(dataset: Dataset, seconds: float) -> list[dict[str, Any]]:
    """One row per size and number of seeds: seed-steps/s, what the optimiser's traffic allows, and seed 0's losses.

    Each figure is the median of 5 measurements. Raises NoGPUError where PyTorch finds none.
    """
    if not torch.cuda.is_available():
        raise NoGPUError("gpu: PyTorch finds no GPU here")
    bandwidth = _bytes_per_second()
    return [_row(dataset, hidden, seeds, seconds, bandwidth) for hidden in HIDDEN for seeds in SEEDS]


def _row(dataset: Dataset, hidden: int, seeds: int, seconds: float, bandwidth: float) -> dict[str, Any]:
    start = Start.of(hidden, 1.0, dataset.inputs, dataset.outputs)
    steps = -(-len(dataset.train) // BATCH)
    stack = batched(dataset, start, seeds, "cuda")
    stack.visit()  # the first step makes the optimiser's state
    stack.visit()  # the graph is recorded
    rate = statistics.median(_rate(stack, steps * seeds, seconds) for _ in range(REPEATS))
    allowed = bandwidth / (4 * ADAM_PASSES * len(start.mask))
    losses = {device: _loss(dataset, start, device) for device in ("cpu", "cuda")}
    return {"hidden": hidden, "seeds": seeds, "seed-steps/s": rate, "Adam's traffic allows": allowed,
            **{f"val loss, {device}": loss for device, loss in losses.items()}}  # fmt: skip


def _rate(stack: Batched, steps: int, seconds: float) -> float:
    epochs, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds or not epochs:
        stack.visit()
        epochs += GPU_EPOCHS
    return epochs * steps / spent


def _loss(dataset: Dataset, start: Start, device: str) -> float:
    """Seed 0's validation loss after one visit of the GPU, or as many epochs of the CPU."""
    stack = batched(dataset, start, 1, device)
    while stack.epochs() < GPU_EPOCHS:
        stack.visit()
    return stack.losses()[0]


def _bytes_per_second() -> float:
    values = torch.randn(STREAMED, device="cuda")
    out = torch.empty_like(values)
    spent = []
    for _ in range(20):
        torch.cuda.synchronize()
        began = time.perf_counter()
        out.copy_(values)
        torch.cuda.synchronize()
        spent.append(time.perf_counter() - began)
    return 8 * STREAMED / statistics.median(spent)
