"""Seed-steps per second of processor time: kernel, PyTorch, plain loop, idiomatic Lightning and JAX, taking turns."""

import os
import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from lth.bench.jax_peer import JaxPeer
from lth.bench.loops import lightning_loop, plain_loop
from lth.bench.problem import BATCH, Start
from lth.data.dataset import Dataset
from lth.method.layout import Layout
from lth.method.state import State
from lth.method.stopping import StoppingRule
from lth.stack import kernel
from lth.stack.device import DeviceSamples
from lth.stack.kernel.alone import course_of
from lth.stack.kernel.binding import SPARSE_BELOW, Library, Run, Samples
from lth.stack.optimizers import options_of
from lth.stack.recipe import Member, Recipe
from lth.stack.torch import Batched

HIDDEN = (8, 38, 104, 410, 1310)
DENSITIES = (1.0, 0.5, 0.2, 0.05, 0.02)
SEEDS = (1, 16)
REPEATS = 5
CHECKED_EPOCHS = 3
MOST_NUMBERS = 10_000_000  # parameters of all seeds of a contestant: beyond it only time is lost


class NoKernelError(RuntimeError):
    """Why there is no kernel to measure."""


Epochs = Callable[[int], float]  # trains so many epochs more; processor seconds


@contextmanager
def one_core():
    """Everything within it, threads of libraries included, runs on one core."""
    cores = os.sched_getaffinity(0)
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def throughput(dataset: Dataset, seconds: float) -> list[dict[str, Any]]:
    """One row per size, density and number of seeds: seed-steps/s, and the kernel over JAX.

    Each figure is the median of 5 measurements of about `seconds` each. What multiplies masks is measured dense
    only: its work does not depend on density. That all train the same is checked on seed 0's validation loss.
    """
    with one_core():
        return [row for hidden in HIDDEN for row in _rows(dataset, hidden, seconds)]


def _rows(dataset: Dataset, hidden: int, seconds: float) -> list[dict[str, Any]]:
    rows, dense = [], {}
    for density in DENSITIES:
        start = Start.of(hidden, density, dataset.inputs, dataset.outputs)
        for seeds in (count for count in SEEDS if count * len(start.mask) <= MOST_NUMBERS):
            found = _rates(dataset, start, seeds, seconds, every=density == 1)
            if density == 1:
                dense[seeds] = found
            jax = dense[seeds].get("jax")
            ratio = found["kernel"] / jax if jax else None
            rows.append({"hidden": hidden, "density": density, "seeds": seeds, **found, "kernel / jax": ratio})
    return rows


def _rates(dataset: Dataset, start: Start, seeds: int, seconds: float, every: bool) -> dict[str, float]:
    steps = -(-len(dataset.train) // BATCH)
    contestants = _contestants(dataset, start, seeds, every)
    spent = {name: advance(CHECKED_EPOCHS) for name, (advance, _) in contestants.items()}
    if every:
        _check_same({name: loss() for name, (_, loss) in contestants.items()})
        spent = {name: advance(CHECKED_EPOCHS) for name, (advance, _) in contestants.items()}
    epochs = {name: max(1, round(seconds * CHECKED_EPOCHS / once)) for name, once in spent.items()}
    for name, (advance, _) in contestants.items():
        advance(epochs[name])  # what is compiled for so many epochs is compiled now
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(REPEATS):
        for name, (advance, _) in contestants.items():
            trained = 1 if name in ("plain", "lightning") else seeds
            rates[name].append(trained * steps * epochs[name] / advance(epochs[name]))
    return {name: statistics.median(found) for name, found in rates.items()}


def _contestants(
    dataset: Dataset, start: Start, seeds: int, every: bool
) -> dict[str, tuple[Epochs, Callable[[], float]]]:
    """Each one's way to train on and its last validation loss of seed 0."""
    found = {"kernel": _kernel(dataset, start, seeds)}
    if every:
        found["torch"] = _torch(dataset, start, seeds)
        if find_spec("jax") and find_spec("optax"):
            found["jax"] = _jax(dataset, start, seeds)
        if seeds == 1:
            hidden = start.widths[1]
            found |= {name: _loop(loop, dataset, hidden)
                      for name, loop in (("plain", plain_loop), ("lightning", lightning_loop))}  # fmt: skip
    return found


def _recipe(dataset: Dataset, start: Start) -> Recipe:
    adam = partial(torch.optim.Adam, lr=1e-3, fused=True)
    return Recipe(dataset, Layout(start.widths), BATCH, torch.float32, adam, StoppingRule(10**9, 10**9))


def _state(start: Start, seeds: int) -> State:
    rows = torch.from_numpy(start.rows(seeds))
    return {"weight": rows, "anchor": rows.clone(), "mask": torch.from_numpy(start.mask).expand(seeds, -1).clone()}


def rate_of(run: Run, seconds: float, turns: int = REPEATS) -> float:
    """Seed-steps per second of processor time of a run that goes on, the median of some turns."""
    rates = []
    for _ in range(turns):
        before, began = run.steps, time.process_time()
        run.advance(seconds)
        rates.append((run.steps - before) / (time.process_time() - began))
    return statistics.median(rates)


def kernel_runs(
    dataset: Dataset, start: Start, seeds: int, sparse_below: float = SPARSE_BELOW, library: Library | None = None
) -> list[Run]:
    """The kernel's runs of so many seeds, never stopping, by this library or the one there is. Raises NoKernelError."""
    library, recipe = library or kernel.library(), _recipe(dataset, start)
    options = options_of(recipe.optimizer)
    if library is None or options is None:
        raise NoKernelError(kernel.why_not())
    samples = Samples(library, dataset.tasks, dataset.train, [dataset.val], BATCH, np.dtype(np.float32))
    courses = [course_of(recipe, options, Member(seed, seed, 0), 0, still=True) for seed in range(seeds)]
    return [
        Run(samples, start.widths, start.mask, row, replace(course, sparse_below=sparse_below))
        for row, course in zip(start.rows(seeds), courses, strict=True)
    ]


def _kernel(dataset: Dataset, start: Start, seeds: int) -> tuple[Epochs, Callable[[], float]]:
    runs = kernel_runs(dataset, start, seeds)

    def advance(epochs: int) -> float:
        began = time.process_time()
        for run in runs:
            run.advance(3600, epochs)
        return time.process_time() - began

    return advance, lambda: float(runs[0].measured()[-1, 1].mean())


def batched(dataset: Dataset, start: Start, seeds: int, device: str = "cpu") -> Batched:
    """PyTorch's path with so many seeds, never stopping."""
    samples = DeviceSamples.of(dataset, torch.float32, torch.device(device))
    state = {name: tensor.to(device) for name, tensor in _state(start, seeds).items()}
    return Batched(samples, _recipe(dataset, start), state, [Member(seed, seed, 0) for seed in range(seeds)])


def _torch(dataset: Dataset, start: Start, seeds: int) -> tuple[Epochs, Callable[[], float]]:
    stack = batched(dataset, start, seeds)

    def advance(epochs: int) -> float:
        began = time.process_time()
        for _ in range(epochs):
            stack.visit()
        return time.process_time() - began

    return advance, lambda: stack.losses()[0]


def _jax(dataset: Dataset, start: Start, seeds: int) -> tuple[Epochs, Callable[[], float]]:
    peer = JaxPeer(dataset, start, seeds)

    def advance(epochs: int) -> float:
        peer.prepare(epochs)
        began = time.process_time()
        peer.advance()
        return time.process_time() - began

    return advance, lambda: peer.loss


def _loop(
    loop: Callable[..., tuple[float, float]], dataset: Dataset, hidden: int
) -> tuple[Epochs, Callable[[], float]]:
    last: list[float] = []

    def advance(epochs: int) -> float:
        spent, loss = loop(dataset, hidden, epochs)
        last.append(loss)
        return spent

    return advance, lambda: last[0]


def _check_same(reached: dict[str, float]) -> None:
    """Raise RuntimeError unless all reach the same validation loss with seed 0."""
    values = np.array(list(reached.values()))
    if np.ptp(values) > 1e-3 * values.max():
        raise RuntimeError(f"the contestants do not train the same thing: {reached}")
