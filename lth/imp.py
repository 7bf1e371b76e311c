"""The callback of iterative pruning: the clock of levels. It prunes, rewinds and records, and holds no formula."""

import time
from collections.abc import Callable, Sequence

import pytorch_lightning as pl
import torch
from torch import Tensor

from lth.criteria.criterion import Candidates
from lth.job import Job
from lth.level import Row, level_row, level_ticket
from lth.messages import Interrupted, LevelDone, Message, Progress, SeedFailed
from lth.mlp import initial_rows
from lth.module import StackModule
from lth.prune import layer_keeps, prune
from lth.ticket import path_of, save

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
            self._prune(module)
        module.start_level(self._level, self._places)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Tell where the level is, a few times a second, and stop when asked."""
        module = _ours(pl_module)
        if self._stopped():
            self._send(Interrupted(self._job.seeds))
            raise KeyboardInterrupt
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

    def _prune(self, module: StackModule) -> None:
        model, places = module.model, self._places
        layout, job = model.layout, self._job
        index = layout.prunable(job.biases).to(model.rows.device)
        rows, anchor, mask = (part[places] for part in (model.rows, model.anchor, model.mask))
        seeds = tuple(job.seeds[place] for place in places)
        sizes = layout.block_sizes(job.biases)
        candidates = Candidates(rows[:, index], anchor[:, index], mask[:, index], sizes, seeds, self._level - 1)
        scores = job.criterion.score(candidates)
        mask[:, index] = _pruned(scores, candidates.mask, job.keeps[self._level], job.scope, sizes)
        kept = torch.where(mask[:, index], candidates.trained.abs(), torch.inf).amin(dim=1).tolist()
        self._horizons = dict(zip(places, kept, strict=True))
        restarted = job.rewind.restart(rows, anchor, lambda: self._fresh(seeds).to(rows.device))
        model.mask[places] = mask
        model.rows[places] = restarted * mask

    def _fresh(self, seeds: Sequence[int]) -> Tensor:
        job = self._job
        return initial_rows(
            job.widths, seeds, job.init, job.bias_init, purpose="reinit", level=self._level, dtype=job.dtype
        )

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
        save(path_of(self._job.folder, seed, self._level), ticket)
        self._send(LevelDone(seed, self._level, row, ticket.epochs))


def _pruned(scores: Tensor, mask: Tensor, keep: int, scope: str, sizes: Sequence[int]) -> Tensor:
    if scope == "global":
        return prune(scores, mask, keep)
    blocks = mask.split(list(sizes), dim=1)
    left = [int(block[0].sum()) for block in blocks]
    return prune(scores, mask, layer_keeps(left, keep), sizes)


def _ours(module: pl.LightningModule) -> StackModule:
    assert isinstance(module, StackModule)
    return module
