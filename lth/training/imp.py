"""The callback of iterative pruning: the loop over segments. It prunes, restarts and records, and holds no formula."""

import time
from collections.abc import Callable

import pytorch_lightning as pl

from lth.ticket import path_of, save
from lth.training.job import Job
from lth.training.level import Row, level_row, level_ticket, prune_and_restart
from lth.training.messages import Interrupted, LevelDone, Message, Progress, SeedFailed, Warned
from lth.training.module import StackModule

PROGRESS_SECONDS = 0.25


class IMP(pl.Callback):
    """Turns one fit into the segments of a stack: one Lightning epoch is one segment.

    A segment starts by pruning what the one before has trained, so that what is on disk always holds trained weights
    under the masks that they were trained with. A level of a seed is finished once its ticket is on disk; `send` then
    tells the recorder. `stopped` is asked after every visit. `dense` holds the rows of level 0 of seeds that go on from
    a later level.
    """

    def __init__(
        self,
        job: Job,
        send: Callable[[Message], None],
        stopped: Callable[[], bool] = lambda: False,
        dense: dict[int, Row] | None = None,
    ) -> None:
        self._job, self._send, self._stopped = job, send, stopped
        self._places = list(range(len(job.seeds)))
        self._dense = dict(dense or {})
        self._horizons: dict[int, float] = {}
        self._segments = iter(job.segments[job.first_level :])
        self._told = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Prune and restart the seeds that are still well, then train their next segment."""
        module, self._segment = _ours(pl_module), next(self._segments)
        if self._segment.prunes:
            self._horizons = prune_and_restart(self._job, module.model, self._places, self._segment)
        module.start_segment(self._segment.level, self._places)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Tell where the segment is, a few times a second, and stop when asked."""
        module, now = _ours(pl_module), time.monotonic()
        if self._stopped():
            self._send(Interrupted(self._job.seeds))
            self._places = []
            module.abandon_segment()
        elif now - self._told >= PROGRESS_SECONDS and module.training_seeds:
            self._told, job = now, self._job
            where = (self._segment.level, job.levels, module.epochs, module.training_seeds)
            self._send(Progress(job.seeds, *where, module.validation_loss()))

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record what every seed came to; the last segment ends the fit."""
        for place in list(self._places):
            self._finish(_ours(pl_module), place)
        if self._segment == self._job.segments[-1] or not self._places:
            trainer.should_stop = True

    def _finish(self, module: StackModule, place: int) -> None:
        seed, level, finished = self._job.seeds[place], self._segment.level, module.finished[place]
        if finished.failed:
            self._places.remove(place)
            self._send(SeedFailed(seed, level, len(finished.measured), "the loss is not finite"))
            return
        row = level_row(self._job, module, place, level, self._horizons.get(place), self._dense.get(seed))
        self._dense.setdefault(seed, row)
        ticket = level_ticket(self._job, module, place, level, row)
        save(path_of(self._job.folder, seed, level), ticket, within=self._job.folder)
        if level == 0 and row["anchor_step"] < self._job.method.restart.step:
            self._send(Warned(_ended_before(self._job, seed, row["anchor_step"])))
        self._send(LevelDone(seed, level, row, ticket.epochs))


def _ended_before(job: Job, seed: int, steps: int) -> str:
    return (
        f"{job.folder.name}: seed {seed} ended its dense level after {steps} steps, before pruning.rewind.step="
        f"{job.method.restart.step}; it rewinds to its trained weights"
    )


def _ours(module: pl.LightningModule) -> StackModule:
    assert isinstance(module, StackModule)
    return module
