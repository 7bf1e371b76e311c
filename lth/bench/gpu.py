"""Seed-steps per second of the bare stack on a GPU, its epochs replayed as one CUDA graph."""

import statistics
from typing import Any

import torch

from lth.bench.throughput import HIDDEN, REPEATS, bare_stack, rate
from lth.data.dataset import Dataset
from lth.jobs.split import GPU_EPOCHS_PER_VISIT

SEEDS = (1, 16, 64, 256, 1024)
MOST_NUMBERS = 2_000_000_000  # parameters of a whole stack: four such buffers fill a card


class NoGPUError(RuntimeError):
    """There is no GPU to measure."""


def on_gpu(dataset: Dataset, seconds: float) -> list[dict[str, Any]]:
    """One row per size: seed-steps/s of stacks of 1 to 1024 seeds, and seed 0's validation loss beside the CPU's.

    Each figure is the median of 5 measurements. Raises NoGPUError where PyTorch finds none.
    """
    if not torch.cuda.is_available():
        raise NoGPUError("gpu: PyTorch finds no GPU here")
    return [_row(dataset, hidden, seconds) for hidden in HIDDEN]


def _row(dataset: Dataset, hidden: int, seconds: float) -> dict[str, Any]:
    steps, rates = -(-len(dataset.train) // 64), {}
    for seeds in (seeds for seeds in SEEDS if seeds * hidden * hidden <= MOST_NUMBERS):
        stack = bare_stack(dataset, hidden, seeds, "cuda", GPU_EPOCHS_PER_VISIT)
        stack.epoch()  # the graph is recorded
        rates[str(seeds)] = statistics.median(rate(stack, steps, seconds) for _ in range(REPEATS))
    losses = {device: _loss(dataset, hidden, device) for device in ("cpu", "cuda")}
    return {"hidden": hidden, **rates, **{f"val loss, {device}": loss for device, loss in losses.items()}}


def _loss(dataset: Dataset, hidden: int, device: str) -> float:
    """Seed 0's validation loss after one visit of the GPU, or as many epochs of the CPU."""
    stack = bare_stack(dataset, hidden, 1, device, GPU_EPOCHS_PER_VISIT)
    stack.epoch()
    tasks = len(dataset.tasks)
    return sum(stack.members[0].measured[-1][tasks : 2 * tasks]) / tasks
