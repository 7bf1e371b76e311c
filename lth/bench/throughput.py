"""Seed-steps per second of the bare stack beside a plain loop and idiomatic Lightning, at every size."""

import statistics
import time
from functools import partial
from typing import Any

import torch

from lth.bench.loops import BATCH, lightning_loop, plain_loop
from lth.data.dataset import Dataset
from lth.method.stopping import StoppingRule
from lth.randomness import generator
from lth.stack.layout import Layout
from lth.stack.packing import Packing
from lth.stack.recipe import Member, Recipe
from lth.stack.samples import HeldOutSamples, TrainingSamples
from lth.stack.substack import SubStack
from lth.training.mlp import initial_rows

HIDDEN = (8, 38, 104, 410, 1310)
SEEDS = (1, 4, 16, 64)
MOST_NUMBERS = 30_000_000  # parameters of a whole stack: beyond it only time is lost
REPEATS = 5
CHECKED_EPOCHS = 3


def bare_stack(dataset: Dataset, hidden: int, seeds: int, device: str = "cpu", epochs_per_visit: int = 1) -> SubStack:
    """A stack of this size at level 0, never stopping."""
    widths = (dataset.inputs, hidden, hidden, dataset.outputs)
    packing, names = Packing(widths), range(seeds)
    sources = packing.sources(Layout(widths), [torch.arange(width) for width in widths])
    rows = initial_rows(widths, names)[:, sources.clamp(min=0)] * (sources >= 0)
    adam = partial(torch.optim.Adam, lr=1e-3, fused=True)
    recipe = Recipe(adam, StoppingRule(10**9, 10**9), epochs_per_visit=epochs_per_visit)
    return SubStack(
        [Member(seed, generator(seed, "batches", 0)) for seed in names],
        packing, rows.to(device), torch.ones_like(rows, dtype=torch.bool, device=device), dataset.tasks,
        TrainingSamples(dataset.train, BATCH, torch.float32, device),
        HeldOutSamples(dataset.val, torch.float32, device), recipe,
    )  # fmt: skip


def throughput(dataset: Dataset, seconds: float) -> list[dict[str, Any]]:
    """One row per size: seed-steps/s of the loops and of stacks of 1 to 64 seeds, and how they compare.

    Each figure is the median of 5 measurements of about `seconds` each; the contestants take turns. That they train
    the same thing is checked on the validation loss of seed 0.
    """
    return [_row(dataset, hidden, seconds) for hidden in HIDDEN]


def _row(dataset: Dataset, hidden: int, seconds: float) -> dict[str, Any]:
    steps = -(-len(dataset.train) // BATCH)
    sizes = [seeds for seeds in SEEDS if seeds * hidden * hidden <= MOST_NUMBERS]
    stacks = {seeds: bare_stack(dataset, hidden, seeds) for seeds in sizes}
    _check_same(dataset, hidden, stacks)
    rates: dict[str, list[float]] = {name: [] for name in ("plain", "lightning", *map(str, sizes))}
    loop_epochs = max(1, round(seconds / plain_loop(dataset, hidden, 1)[0]))
    lightning_loop(dataset, hidden, 1)
    for _ in range(REPEATS):
        for name, loop in (("plain", plain_loop), ("lightning", lightning_loop)):
            rates[name].append(loop_epochs * steps / loop(dataset, hidden, loop_epochs)[0])
        for seeds, stack in stacks.items():
            rates[str(seeds)].append(rate(stack, steps, seconds))
    return {"hidden": hidden, **{name: statistics.median(found) for name, found in rates.items()}}


def rate(stack: SubStack, steps: int, seconds: float) -> float:
    """Seed-steps per second over about `seconds`; a visit of the stack is one epoch or more."""
    epochs, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds or not epochs:
        stack.epoch()
        epochs += stack.recipe.epochs_per_visit
    return epochs * steps * len(stack.members) / spent


def _check_same(dataset: Dataset, hidden: int, stacks: dict[int, SubStack]) -> None:
    """Raise RuntimeError unless loop, Lightning and stacks reach the same validation loss with seed 0."""
    reached = {loop.__name__: loop(dataset, hidden, CHECKED_EPOCHS)[1] for loop in (plain_loop, lightning_loop)}
    tasks = len(dataset.tasks)
    for seeds, stack in stacks.items():
        for _ in range(CHECKED_EPOCHS):
            stack.epoch()
        reached[f"stack of {seeds}"] = sum(stack.members[0].measured[-1][tasks : 2 * tasks]) / tasks
    if max(reached.values()) - min(reached.values()) > 1e-3 * max(reached.values()):
        raise RuntimeError(f"the contestants do not train the same thing: {reached}")
