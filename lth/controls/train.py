"""Trains the controls of some seeds as stacks, as a level of theirs was trained."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytorch_lightning as pl
import torch

from lth.controls.altered import altered
from lth.controls.asked import Controlled, Training, with_course
from lth.controls.start import begin, carries
from lth.controls.work import Controls
from lth.files.numbers import plain
from lth.method.clock.clock import Segment
from lth.method.layout import Layout
from lth.stack.recipe import Finished
from lth.ticket import Ticket, load_own
from lth.ticket.course import course, wins
from lth.training.history import History
from lth.training.job import Job
from lth.training.level import Row, level_row, restore
from lth.training.messages import Interrupted
from lth.training.mlp import StackedMLP
from lth.training.module import StackModule
from lth.training.train import trainer


def train(work: Controls, send: Callable[[object], None], stopped: Callable[[], bool] = lambda: False) -> None:
    """Train all of it and send a Controlled for each training as it ends; after `stopped`, an Interrupted.

    On a CPU with one thread a ticket's training gives the bits of its level. Of a ticket that has no weight to add or
    to take as the control would there is nothing to train. Raises TicketError.
    """
    found = {one: _masked(work.job, one) for one in work.trainings}
    masked = {one: ticket for one, ticket in found.items() if ticket is not None}
    for part in _stacks(work.of(tuple(masked))):
        level = _OneLevel(part, masked, send, stopped)
        trainer(part.job, level).fit(StackModule(level.model, part.job.seeds, part.job.recipe))
        if level.interrupted:
            return


def _stacks(work: Controls) -> list[Controls]:
    """Trainings that forget what the optimiser remembers, or start with other tensors of a method, are not stacked."""
    alike: dict[tuple[bool, tuple[str, ...]], list[Training]] = {}
    for one in work.trainings:
        names = sorted(_recorded(work.job, one.seed, one.level - 1).state)
        alike.setdefault((carries(work.job, one), tuple(names)), []).append(one)
    return [work.of(tuple(group)) for group in alike.values()]


def _masked(job: Job, training: Training) -> Ticket | None:
    """The recorded ticket with the masks that the training has, but for a shuffle; None where there are none."""
    ticket = _recorded(job, training.seed if training.donor is None else training.donor, training.level)
    masks = altered(ticket, training.control, job.degrade_on)
    return None if masks is None else replace(ticket, masks=masks)


class _OneLevel(pl.Callback):
    """Turns a fit into one level, part by part, of a stack whose seeds may stand at different levels."""

    def __init__(
        self,
        work: Controls,
        masked: Mapping[Training, Ticket],
        send: Callable[[object], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._job, self._trainings, self._send, self._stopped = work.job, work.trainings, send, stopped
        earlier = [_recorded(work.job, one.seed, one.level - 1) for one in work.trainings]
        self._tickets = [_recorded(work.job, one.seed, one.level) for one in work.trainings]
        self._recorded = _stack_of(work.job, self._tickets)
        self._masks = _stack_of(work.job, [masked[one] for one in work.trainings]).mask
        self._dense = [with_course(_recorded(work.job, one.seed, 0)) for one in work.trainings]
        self._histories = [History([dense, before.row]) for dense, before in zip(self._dense, earlier, strict=True)]
        self._left = {place: _parts(work.job, one.level) for place, one in enumerate(work.trainings)}
        self._training: dict[int, Segment] = {}
        self.model, self.interrupted = _stack_of(work.job, earlier), False

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin the next part of every seed's level."""
        self._training = {place: segments.pop(0) for place, segments in self._left.items() if segments}
        for place, segment in self._training.items():
            mask = self._masks[place : place + 1]
            cut = begin(self._job, self.model, place, self._trainings[place], segment, mask)
            if segment.prunes:
                self._histories[place].prune(cut)
        _ours(pl_module).start_segment(self._training)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Send what has come to its end, and stop when asked."""
        module = _ours(pl_module)
        for place in module.finished.keys() & self._training.keys():
            self._take(module, place, module.finished[place])
        if self._stopped():
            self._send(Interrupted(self._job.seeds))
            self.interrupted = True
            module.abandon_segment()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """End the fit after the last part."""
        trainer.should_stop = self.interrupted or not any(self._left.values())

    def _take(self, module: StackModule, place: int, finished: Finished) -> None:
        segment, history, training = self._training.pop(place), self._histories[place], self._trainings[place]
        history.train(finished, int(module.taking_part(place).sum()), len(self._job.dataset.train))
        if finished.failed:
            self._left[place] = []
            self._send(Controlled(training, None))
        elif segment.records:
            module.finished[place] = history.whole(finished)
            self._send(self._controlled(module, place))

    def _controlled(self, module: StackModule, place: int) -> Controlled:
        training, dense, recorded = self._trainings[place], self._dense[place], self._tickets[place].row
        before = self._histories[place].before
        # What another network reached on other data, or by another optimiser, is nothing to win against.
        at_home = training.where == "own"
        row = level_row(module, self._job, place, training.level, before if at_home else replace(before, dense=None))
        told = recorded if training.unchanged else row
        told = {**told, **course(module.finished[place].measured.mean(axis=2), dense["val_accuracy"])}
        told |= {"changed": int((module.model.mask[place].cpu() != self._recorded.mask[place]).sum())}
        told |= {"donor": training.donor} | (wins(told, dense) if at_home else {})
        return Controlled(training, told, self._reproduced(module, place, row) if training.unchanged else None)

    def _reproduced(self, module: StackModule, place: int, row: Row) -> bool:
        recorded = self._tickets[place].row
        alike = all(plain(row[name]) == plain(recorded[name]) for name in row if name in recorded)
        states = (module.model.state, self._recorded.state)
        return alike and all(
            torch.equal(*(state[name][place].cpu() for state in states)) for name in ("weight", "mask")
        )  # fmt: skip


def _parts(job: Job, level: int) -> list[Segment]:
    return [segment for segment in job.segments if segment.level == level]


def _stack_of(job: Job, tickets: Sequence[Ticket]) -> StackedMLP:
    model = StackedMLP(job.widths, torch.zeros(len(tickets), Layout(job.widths).size, dtype=job.dtype))
    restore(model, tickets)
    return model


def _recorded(job: Job, seed: int, level: int) -> Ticket:
    return load_own(job.folder, seed, level, job.config_hash, job.expected)


def _ours(module: pl.LightningModule) -> StackModule:
    assert isinstance(module, StackModule)
    return module
