"""Small jobs for the tests of training, and what they leave behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lth.data.dataset import Dataset
from lth.data.moons_circles import build
from lth.method.clock.levels import Levels
from lth.method.criterion.magnitude import Magnitude
from lth.method.extension import Ladder
from lth.method.method import Method
from lth.method.restart.reset import Reset
from lth.method.schedule import trajectory
from lth.method.stopping import StoppingRule
from lth.ticket import Ticket, load, path_of
from lth.training.job import Job
from lth.training.messages import LevelDone, Message, Progress
from lth.training.train import train

# Seeds are the same bits in every stack with one thread only, which is what workers have.
torch.set_num_threads(1)

ADAM = partial(torch.optim.Adam, lr=1e-3, fused=True)


def moons_circles(**sizes: int) -> Dataset:
    """A small moons_circles: 200 samples a part unless told otherwise."""
    return build(**{"n_train": 200, "n_val": 200, "n_test": 100, **sizes})


def small_job(folder: Path, hidden: tuple[int, ...] = (16, 16), levels: int = 3, **changes: Any) -> Job:
    """A job that trains in a second or less; `changes` are fields of Job or of Method."""
    parts = {name: changes.pop(name) for name in [field.name for field in fields(Method)] if name in changes}
    dataset = changes.get("dataset") or moons_circles()
    assert isinstance(dataset, Dataset)
    widths = (dataset.inputs, *hidden, dataset.outputs)
    count = sum((a + bool(parts.get("biases"))) * b for a, b in pairwise(widths))
    job = Job(
        folder=folder,
        seeds=(0, 1, 2),
        config_hash="test",
        dataset=dataset,
        hidden=hidden,
        init="kaiming_normal",
        bias_init="zeros",
        keeps=trajectory(count, rate=0.4, levels=levels) if levels else (count,),
        method=replace(Method(Levels(), Magnitude(), Reset()), **parts),
        optimizer=ADAM,
        stopping=StoppingRule(patience=4, max_epochs=14),
        restore_best=False,
        batch_size=64,
        precision="float32",
        accelerator="cpu",
        tf32=False,
        degrade_on="both",
        cut_limit=20_000,
    )
    return replace(job, **changes)


def ladder_job(folder: Path, hidden: int, **changes: Any) -> Job:
    """A job on the ladder of the main experiment."""
    ladder = Ladder(base=8, rate=0.32, depth=2, d_in=4, d_out=2)
    return small_job(folder, (hidden, hidden), keeps=ladder.keeps(hidden), **changes)


def run(job: Job) -> list[Message]:
    """Train the job; what it said but progress."""
    said: list[Message] = []
    train(job, said.append)
    return [message for message in said if not isinstance(message, Progress)]


@contextmanager
def without_kernel() -> Iterator[None]:
    """Within it PyTorch's path trains, as on a machine without a compiler."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lth.stack.begin.kernel.library", lambda: None)
        yield


def run_by_both(folder: Path, *given: Any, **changes: Any) -> tuple[Job, Job]:
    """The same job of small_job's arguments, in float64, trained by the kernel and by PyTorch's path."""
    ours, theirs = (small_job(folder / path, *given, precision="float64", **changes) for path in ("kernel", "torch"))
    run(ours)
    with without_kernel():
        run(theirs)
    return ours, theirs


def tickets(job: Job, seed: int) -> list[Ticket]:
    """The tickets of one seed, level by level."""
    return [load(path_of(job.folder, seed, level)) for level in range(job.levels + 1)]


def rows(said: list[Message]) -> dict[tuple[int, int], dict]:
    """(seed, level) → row of the levels that were said to be done."""
    return {(message.seed, message.level): message.row for message in said if isinstance(message, LevelDone)}


def flat(weights: tuple[np.ndarray, ...], biases: tuple[np.ndarray, ...]) -> np.ndarray:
    """Layer by layer, weights before biases: the order of the model's rows."""
    pairs = zip(weights, biases, strict=True)
    return np.concatenate([np.append(weight.ravel(), bias) for weight, bias in pairs])


def unpruned(ticket: Ticket) -> np.ndarray:
    """The mask in the order of the model's rows."""
    biases = ticket.bias_masks or tuple(np.ones(len(bias), dtype=bool) for bias in ticket.biases)
    return flat(ticket.masks, biases)
