"""Trains the controls of some seeds as one stack, as a level of theirs was trained."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytorch_lightning as pl
import torch
from torch import Tensor

from lth.controls.altered import altered
from lth.controls.asked import Controlled, Training, with_course
from lth.controls.known import Control
from lth.controls.work import Controls
from lth.files.numbers import plain
from lth.method.layout import Layout
from lth.method.restart.onward import Onward
from lth.method.restart.restart import Pruned
from lth.randomness import generator
from lth.stack import state as states
from lth.ticket import Ticket, load_own
from lth.ticket.course import course, wins
from lth.training.job import Job
from lth.training.level import Before, Row, level_row, restore
from lth.training.messages import Interrupted
from lth.training.mlp import StackedMLP, deviations, initial_rows
from lth.training.module import StackModule
from lth.training.train import trainer

OF_THE_RUN = ("min_kept_magnitude", "spent_epochs", "spent_macs")  # what no training of one level alone can tell


def train(work: Controls, send: Callable[[object], None], stopped: Callable[[], bool] = lambda: False) -> None:
    """Train all of it at once and send a Controlled for each training as it ends; after `stopped`, an Interrupted.

    On a CPU with one thread a ticket's training gives the bits of its level. Of a ticket that has no weight to add or
    to take as the control would there is nothing to train. Raises TicketError.
    """
    found = [(one, _ticket(work.job, one)) for one in work.trainings]
    possible = [(one, ticket) for one, ticket in found if ticket is not None]
    if not possible:
        return
    trainings, tickets = tuple(one for one, _ in possible), [ticket for _, ticket in possible]
    job = replace(work.job, seeds=tuple(one.seed for one in trainings))
    work = Controls(job, trainings)
    before = [_recorded(job, one.seed, one.level - 1) for one in trainings]
    model = _stack_of(job, before)
    masks = _stack_of(job, tickets).mask
    for place, training in enumerate(trainings):
        _start(job, model, place, training, masks[place : place + 1])
    if not job.method.restart.carried:
        for name in states.remembered(model.state):
            del model.state[name]
    module = StackModule(model, job.seeds, job.recipe)
    trainer(job, _OneLevel(work, send, stopped)).fit(module)


def shuffled(layout: Layout, mask: Tensor, stream: torch.Generator) -> Tensor:
    """A mask (1, size) with as many unpruned weights in every layer, and biases too, at random places."""
    drawn = mask.clone()
    for layer in range(layout.depth):
        for block in (layout.weight(drawn, layer), layout.bias(drawn, layer)):
            order = torch.randperm(block.numel(), generator=stream)
            block.copy_(block.flatten()[order].view_as(block))
    return drawn


def permuted(layout: Layout, rows: Tensor, stream: torch.Generator) -> Tensor:
    """Rows (R, size) whose weights get the inputs in another order: the same as inputs in another order."""
    drawn = rows.clone()
    first = layout.weight(drawn, 0)
    first.copy_(first[:, :, torch.randperm(layout.widths[0], generator=stream)])
    return drawn


def _ticket(job: Job, training: Training) -> Ticket | None:
    """The recorded ticket with the masks that the training has, but for a shuffle; None where there are none."""
    ticket = _recorded(job, training.seed if training.donor is None else training.donor, training.level)
    masks = altered(ticket, training.control, job.degrade_on)
    return None if masks is None else replace(ticket, masks=masks)


def _start(job: Job, model: StackedMLP, place: int, training: Training, mask: Tensor) -> None:
    """Put the values and the mask that the training starts with into the model."""
    here = slice(place, place + 1)
    if training.control == "shuffled":
        mask = shuffled(model.layout, mask, generator(training.seed, "shuffle", training.level))
    if training.control == "fresh-dense":
        mask = torch.ones_like(mask)
    values = _values(job, training, model, here, mask)
    if training.control == "permuted":
        mask, values = (
            permuted(model.layout, rows, generator(training.seed, "permute", training.level)) for rows in (mask, values)
        )
    if training.control != "continued" and job.method.restart.rewinds and job.method.effective is not None:
        for name, begun in job.method.effective.begin(values, model.layout).items():
            model.state[name][here] = begun
    model.mask[here], model.weight[here] = mask, values * mask


def _values(job: Job, training: Training, model: StackedMLP, here: slice, mask: Tensor) -> Tensor:
    """The values (1, size) that a control starts with, from those that the level before trained and the anchor."""
    before = {name: tensor[here].clone() for name, tensor in model.state.items()}
    trained, anchor = before["weight"], before["anchor"]

    def drawn(purpose: str) -> Tensor:
        seed, level = (training.seed,), training.level
        return initial_rows(
            job.widths, seed, job.init, job.bias_init, purpose=purpose, level=level, dtype=job.dtype
        )  # fmt: skip

    seeds, drawn_with = (training.seed,), deviations(job.widths, job.init)
    stack = Pruned(
        trained, anchor, mask, model.layout, seeds, training.level, lambda: drawn("reinit"), drawn_with, before
    )
    values: dict[Control, Callable[[], Tensor]] = {
        "reinit": lambda: drawn("control"),
        "fresh-reinit": lambda: drawn("control"),
        "shuffled": lambda: anchor.clone(),
        "fresh-dense": lambda: anchor.clone(),
        "continued": lambda: Onward().restart(stack),
    }
    return values.get(training.control, lambda: job.method.restart.restart(stack))()


def _stack_of(job: Job, tickets: Sequence[Ticket]) -> StackedMLP:
    model = StackedMLP(job.widths, torch.zeros(len(tickets), Layout(job.widths).size, dtype=job.dtype))
    restore(model, tickets)
    return model


class _OneLevel(pl.Callback):
    """Turns a fit into one level of a stack whose seeds may stand at different levels."""

    def __init__(
        self,
        work: Controls,
        send: Callable[[object], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._job, self._trainings = work.job, work.trainings
        self._tickets = [_recorded(work.job, one.seed, one.level) for one in work.trainings]
        self._send, self._stopped = send, stopped
        self._recorded = _stack_of(work.job, self._tickets)
        self._sent: set[int] = set()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        last = {segment.level: segment for segment in self._job.segments}
        _ours(pl_module).start_segment({place: last[one.level] for place, one in enumerate(self._trainings)})

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        module = _ours(pl_module)
        for place in module.finished.keys() - self._sent:
            self._sent.add(place)
            self._send(self._controlled(module, place))
        if self._stopped():
            self._send(Interrupted(self._job.seeds))
            module.abandon_segment()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        trainer.should_stop = True

    def _controlled(self, module: StackModule, place: int) -> Controlled:
        training, finished = self._trainings[place], module.finished[place]
        if finished.failed:
            return Controlled(training, None)
        dense = with_course(_recorded(self._job, training.seed, 0))
        earlier = _recorded(self._job, training.seed, training.level - 1).row
        # What another network reached on other data is nothing to win against.
        against = None if training.fresh else dense
        row = level_row(module, self._job, place, training.level, Before(against, earlier.get("prunable")))
        ticket, unchanged = self._tickets[place], training.unchanged
        told = ticket.row if unchanged else row
        told = {**told, **course(finished.measured.mean(axis=2), dense["val_accuracy"]), "donor": training.donor}
        told |= {"changed": int((module.model.mask[place].cpu() != self._recorded.mask[place]).sum())}
        told |= {} if training.fresh else wins(told, dense)
        return Controlled(training, told, self._reproduced(module, place, row) if unchanged else None)

    def _reproduced(self, module: StackModule, place: int, row: Row) -> bool:
        recorded = self._tickets[place].row
        known = (name for name in row if name in recorded and name not in OF_THE_RUN)
        alike = all(plain(row[name]) == plain(recorded[name]) for name in known)
        return alike and torch.equal(module.model.weight[place].cpu(), self._recorded.weight[place])


def _recorded(job: Job, seed: int, level: int) -> Ticket:
    return load_own(job.folder, seed, level, job.config_hash, job.expected)


def _ours(module: pl.LightningModule) -> StackModule:
    assert isinstance(module, StackModule)
    return module
