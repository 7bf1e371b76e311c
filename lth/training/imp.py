"""The callback of iterative pruning: the clock of levels. It prunes, rewinds and records, and holds no formula."""

import time
from collections.abc import Callable

import pytorch_lightning as pl

from lth.ticket import path_of, save
from lth.training.job import Job
from lth.training.level import Row, level_row, level_ticket, open_level
from lth.training.messages import Interrupted, LevelDone, Message, Progress, SeedFailed, Warned
from lth.training.module import StackModule

PROGRESS_SECONDS = 0.25


class IMP(pl.Callback):
    """Turns one fit into the levels of a stack: one Lightning epoch is one level.

    A level starts by pruning what the level before has trained, so that what is on disk always holds trained weights
    under the masks that they were trained with. A level of a seed is finished once its ticket is on disk; `send` then
    tells the recorder. `stopped` is asked after every epoch of the data. `dense` holds the rows of level 0 of seeds
    that go on from a later level.
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
        self._level = job.first_level - 1
        self._told = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Prune and rewind the seeds that are still well, then start their next level."""
        module = _ours(pl_module)
        self._level += 1
        if self._level > 0:
            self._horizons = open_level(self._job, module.model, self._places, self._level)
        module.start_level(self._level, self._places)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Tell where the level is, a few times a second, and stop when asked."""
        module = _ours(pl_module)
        if self._stopped():
            self._send(Interrupted(self._job.seeds))
            self._places = []
            module.abandon_level()
            return
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS and module.training_seeds:
            self._told = now
            self._send(
                Progress(self._job.seeds, self._level, self._job.levels, batch_idx + 1,
                         module.training_seeds, module.validation_loss())
            )  # fmt: skip

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Finish the level of every seed: measure, write its ticket, tell the recorder; the last level ends the fit."""
        module = _ours(pl_module)
        for place in list(self._places):
            self._finish(module, place)
        if self._level == self._job.levels or not self._places:
            trainer.should_stop = True

    def _finish(self, module: StackModule, place: int) -> None:
        seed, finished = self._job.seeds[place], module.finished[place]
        if finished.failed:
            self._places.remove(place)
            reason = "the loss is not finite"
            self._send(SeedFailed(seed, self._level, len(finished.measured), reason))
            return
        dense = self._dense.get(seed)
        row = level_row(self._job, module.model, place, self._level, finished, self._horizons.get(place), dense)
        self._dense.setdefault(seed, row)
        ticket = level_ticket(self._job, module.model, place, self._level, row, finished)
        save(path_of(self._job.folder, seed, self._level), ticket, within=self._job.folder)
        if self._level == 0 and row["anchor_step"] < self._job.rewind.step:
            self._send(Warned(_ended_before(self._job, seed, row["anchor_step"])))
        self._send(LevelDone(seed, self._level, row, ticket.epochs))


def _ended_before(job: Job, seed: int, steps: int) -> str:
    return (
        f"{job.folder.name}: seed {seed} ended its dense level after {steps} steps, before pruning.rewind.step="
        f"{job.rewind.step}; it rewinds to its trained weights"
    )


def _ours(module: pl.LightningModule) -> StackModule:
    assert isinstance(module, StackModule)
    return module
