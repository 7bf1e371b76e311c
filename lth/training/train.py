"""Trains one job from its first level to its last: builds model, module and callback, and fits once."""

import logging
import warnings
from collections.abc import Callable

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment

from lth.ticket import chain, load, path_of
from lth.training.imp import IMP
from lth.training.job import Job
from lth.training.level import Row, restore
from lth.training.messages import Message
from lth.training.mlp import StackedMLP, initial_rows
from lth.training.module import StackModule


def train(job: Job, send: Callable[[Message], None], stopped: Callable[[], bool] = lambda: False) -> None:
    """Train all levels of a job's seeds; what is finished goes to disk, and as messages to `send`.

    On a CPU a seed's bits are its own whatever it is stacked with; by PyTorch's path, while PyTorch has one thread.
    `stopped` is asked several times a second; once it says yes, training ends with an Interrupted message.
    Raises ValueError when the tickets to go on from are not there.
    """
    model = _begun(job)
    rows = _go_on(job, model) if job.first_level else {}
    torch.backends.cuda.matmul.allow_tf32 = job.tf32
    module = StackModule(model, job.seeds, job.recipe)
    trainer(job, IMP(job, send, stopped, rows)).fit(module)


def _begun(job: Job) -> StackedMLP:
    """The model before its first level: newly drawn, or where the tickets of another run say."""
    if job.origin is None or job.first_level:
        return StackedMLP(job.widths, initial_rows(job.widths, job.seeds, job.init, job.bias_init, dtype=job.dtype))
    model = StackedMLP(job.widths, job.origin.rows(job.seeds, job.dtype))
    model.state |= job.origin.state(job.seeds)
    return model


def _go_on(job: Job, model: StackedMLP) -> dict[int, list[Row]]:
    """Put the model where the level before the job's first one ended; gives the seeds' rows up to there."""
    chains = [chain(job.folder, seed, job.config_hash, job.expected) for seed in job.seeds]
    if any(len(found.rows) < job.first_level for found in chains):
        raise ValueError(f"{job.folder}: no tickets of level {job.first_level - 1} for all of seeds {job.seeds}")
    # Not the chains' last tickets: levels after the one to go on from may lie there too.
    restore(model, [load(path_of(job.folder, seed, job.first_level - 1)) for seed in job.seeds])
    return {seed: list(found.rows[: job.first_level]) for seed, found in zip(job.seeds, chains, strict=True)}


def trainer(job: Job, callback: pl.Callback) -> pl.Trainer:
    """Lightning's part of a job: one silent process, one fit, in which the callback turns the levels."""
    # Lightning greets, warns about what this loop does on purpose (no loader of its own, no optimiser to manage),
    # and asks for loggers: none of it concerns the user.
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning|lightning_fabric")
    return pl.Trainer(
        accelerator=job.accelerator,
        devices=1,
        max_epochs=-1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[callback],
        # One process, also where a scheduler's variables or commands make Lightning think of several.
        plugins=[LightningEnvironment()],
    )
