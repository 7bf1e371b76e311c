"""The callback of iterative pruning: the loop over segments. It prunes, restarts and records, and holds no formula."""

import time
from collections.abc import Callable

import pytorch_lightning as pl

from lth.ticket import path_of, save
from lth.training.history import History
from lth.training.job import Job
from lth.training.level import Row, level_row, level_ticket
from lth.training.messages import Interrupted, LevelDone, Message, Progress, SeedFailed, Warned
from lth.training.module import StackModule
from lth.training.pruning import drawn, prune_and_restart

PROGRESS_SECONDS = 0.25


class IMP(pl.Callback):
    """Turns one fit into the segments of a stack: one Lightning epoch is one segment.

    A segment starts by pruning what the one before has trained, so that what is on disk always holds trained weights
    under the masks that they were trained with. A level of a seed is finished once its ticket is on disk; `send` then
    tells the recorder. `stopped` is asked after every visit. `rows` holds, of seeds that go on from a later level,
    those of the levels that they have.
    """

    def __init__(
        self,
        job: Job,
        send: Callable[[Message], None],
        stopped: Callable[[], bool] = lambda: False,
        rows: dict[int, list[Row]] | None = None,
    ) -> None:
        self._job, self._send, self._stopped = job, send, stopped
        self._places = list(range(len(job.seeds)))
        self._histories = {place: History((rows or {}).get(seed, [])) for place, seed in enumerate(job.seeds)}
        self._segments = [segment for segment in job.segments if segment.level >= job.first_level]
        self._told = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Prune and restart the seeds that are still well, then train their next segment."""
        module, segment = _ours(pl_module), self._segments.pop(0)
        while not segment.records and all(self._histories[place].settled for place in self._places):
            segment = self._segments.pop(0)
        self._segment = segment
        places = [place for place in self._places if segment.records or not self._histories[place].settled]
        if segment.prunes and places:
            for place, cut in prune_and_restart(self._job, module.model, places, segment).items():
                self._histories[place].prune(cut)
                if cut.even:
                    self._send(Warned(_without_choice(self._job, place, segment.level)))
        module.start_segment(dict.fromkeys(places, segment))

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
        module, job = _ours(pl_module), self._job
        for place in [place for place in self._places if place in module.finished]:
            history, finished = self._histories[place], module.finished[place]
            history.train(finished, int(module.taking_part(place).sum()), len(job.dataset.train))
            if finished.failed:
                self._places.remove(place)
                epochs = sum(map(len, history.measured))
                self._send(SeedFailed(job.seeds[place], self._segment.level, epochs, "the loss is not finite"))
            elif self._segment.records:
                module.finished[place] = history.whole(finished)
                self._record(module, place)
            elif job.method.clock.watches:
                self._watch(module, place)
        if not self._segments or not self._places:
            trainer.should_stop = True

    def _record(self, module: StackModule, place: int) -> None:
        job, history, level, seed = self._job, self._histories[place], self._segment.level, self._job.seeds[place]
        row = level_row(module, job, place, level, history.before)
        ticket = level_ticket(job, module, place, level, row)
        history.record(row)
        save(path_of(job.folder, seed, level), ticket, within=job.folder)
        if level == 0 and job.method.restart.rewinds and row["anchor_step"] < job.method.restart.step:
            self._send(Warned(_ended_before(job, seed, row["anchor_step"])))
        self._send(LevelDone(seed, level, row, ticket.epochs))

    def _watch(self, module: StackModule, place: int) -> None:
        """Ask the clock whether the masks that a seed would be given have come to rest."""
        job, history = self._job, self._histories[place]
        pruning = next(segment for segment in self._segments if segment.prunes)
        index = module.model.layout.prunable(job.method.biases).to(module.model.mask.device)
        history.masks.append(drawn(job, module.model, [place], pruning)[0, index])
        history.settled = job.method.clock.settled(history.masks)


def _ended_before(job: Job, seed: int, steps: int) -> str:
    return (
        f"{job.folder.name}: seed {seed} ended its dense level after {steps} steps, before pruning.rewind.step="
        f"{job.method.restart.step}; it rewinds to its trained weights"
    )


def _without_choice(job: Job, place: int, level: int) -> str:
    return (
        f"{job.folder.name}: seed {job.seeds[place]}, pruning to level {level}: all scores of "
        f"{type(job.method.criterion).__name__} are equal; the position alone told what went"
    )


def _ours(module: pl.LightningModule) -> StackModule:
    assert isinstance(module, StackModule)
    return module
