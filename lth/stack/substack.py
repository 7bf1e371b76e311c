"""Seeds of one compact shape that train one level side by side: an epoch of all, and their leaving one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from lth.data import measure
from lth.data.dataset import Task
from lth.regularisers.penalty import Penalty
from lth.stack.network import LogitGradient, Network, differentiable_forward
from lth.stack.packing import Packing
from lth.stack.samples import HeldOutSamples, TrainingSamples
from lth.stopping import Stopping, StoppingRule


@dataclass(frozen=True)
class Recipe:
    """How every seed of a stack is trained within a level."""

    optimizer: Callable[[list[Tensor]], Optimizer]
    stopping: StoppingRule
    penalty: Penalty | None = None
    restore_best: bool = False
    skipped_steps: int = 0  # late rewinding: the data order of a level goes on at this step
    captured_step: int = 0  # late rewinding: the anchor is what a seed holds after this step of its dense level


@dataclass
class Member:
    """One seed in a sub-stack: its name there, its stream of permutations, and the 3 x T numbers of each epoch."""

    name: int
    stream: torch.Generator
    measured: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True)
class Finished:
    """A seed whose level is over: its packed row (size,) and per epoch (E, 3, T) train loss, val loss, val accuracy.

    `failed` is set when its loss was no longer finite. `best` is the epoch whose weights `row` holds, counted from 1.
    `captured` is its row after `Recipe.captured_step` steps, or at its end if it came first; None where none is asked.
    """

    member: int
    row: Tensor
    captured: Tensor | None
    measured: np.ndarray
    failed: bool
    best: int


class SubStack:
    """R seeds with packed rows and masks (R, size), trained epoch by epoch until each one's level is over."""

    def __init__(
        self,
        members: Sequence[Member],
        packing: Packing,
        rows: Tensor,
        masks: Tensor,
        tasks: Sequence[Task],
        training: TrainingSamples,
        validation: HeldOutSamples,
        recipe: Recipe,
    ) -> None:
        self.members = list(members)
        self.packing, self.tasks, self.recipe = packing, tasks, recipe
        self._training, self._validation = training, validation
        self._batch_weights = training.weights / len(tasks)
        self._loss = LogitGradient(tasks)
        self._skipped, self._steps = recipe.skipped_steps, 0
        self._captured: Tensor | None = None
        self.stopping = Stopping(recipe.stopping, len(rows), rows.device)
        self._masks = masks
        self._best = rows.clone() if recipe.restore_best else None
        self._parameter = torch.nn.Parameter(rows)
        self._optimizer = recipe.optimizer([self._parameter])
        self._make_buffers()

    def _make_buffers(self) -> None:
        rows, training, validation = self._parameter.detach(), self._training, self._validation
        seeds, outputs = len(rows), self.packing.widths[-1]
        self._parameter.grad = torch.zeros_like(rows)
        self._masked = not bool(self._masks.all())
        self._mask_factor = self._masks.to(rows.dtype) if self._masked else None
        self._network = Network(self.packing, rows, self._parameter.grad, training.width)
        self._measuring = Network(self.packing, rows, None, validation.width)
        self._inputs = rows.new_empty(training.batches * seeds * training.width, self.packing.widths[0] + 1)
        self._targets = rows.new_empty(training.batches, seeds, outputs, training.width)
        self._logits = rows.new_zeros(training.batches, seeds, outputs, training.width)
        self._validation_logits = rows.new_empty(seeds, outputs, validation.columns)

    def epoch(self) -> list[Finished]:
        """Train every seed for one epoch, measure it, and take out those whose level is over."""
        if not self.members:
            return []
        for _ in range(self._skipped // self._training.batches):
            self._training.draw([member.stream for member in self.members])
        first, self._skipped = self._skipped % self._training.batches, 0
        order = self._training.draw([member.stream for member in self.members])
        measured = self._train_and_measure(order.to(self._parameter.device), first)
        for member, numbers in zip(self.members, measured.flatten(1).tolist(), strict=True):
            member.measured.append(numbers)
        over = self.stopping.over.tolist()
        return self._take_out([place for place, ended in enumerate(over) if ended]) if any(over) else []

    def rows(self) -> Tensor:
        """The packed rows (R, size) as they are now."""
        return self._parameter.detach()

    @torch.no_grad()
    def _train_and_measure(self, order: Tensor, first: int) -> Tensor:
        """One epoch without a host visit: (R, 3, T) train loss, validation loss, validation accuracy."""
        self._gather(order)
        for batch in range(first, self._training.batches):
            self._step(batch)
        train_loss = self._train_loss(first)
        losses, accuracies = self._validate()
        self.stopping.update(losses.mean(dim=1))
        if self._best is not None:
            self._best.copy_(torch.where(self.stopping.improved[:, None], self.rows(), self._best))
        return torch.stack([train_loss, losses, accuracies], dim=1)

    def _gather(self, order: Tensor) -> None:
        flat = order.flatten()
        torch.index_select(self._training.inputs, 0, flat, out=self._inputs)
        targets = self._training.targets.index_select(1, flat)
        batches, seeds, _, width = self._targets.shape
        self._targets.copy_(targets.view(-1, batches, seeds, width).permute(1, 2, 0, 3))

    def _step(self, batch: int) -> None:
        seeds, width = len(self.members), self._training.width
        inputs = self._inputs.view(-1, seeds, width, self._inputs.shape[1])[batch].transpose(1, 2)
        arguments = inputs, self._logits[batch], self._targets[batch], self._batch_weights[batch]
        if self.recipe.penalty is None:
            self._network.forward(*arguments[:2])
            self._network.backward(*arguments, self._loss)
        else:
            self._differentiate(*arguments[:3], self._training.sizes[batch])
        if self._mask_factor is not None:
            self._parameter.grad.mul_(self._mask_factor)  # type: ignore[union-attr]
        self._optimizer.step()
        self._steps += 1
        if self._steps == self.recipe.captured_step:
            self._captured = self.rows().clone()

    def _differentiate(self, inputs: Tensor, logits: Tensor, targets: Tensor, real: int) -> None:
        """The gradient by autograd: the path of everything that the written-out one does not know."""
        with torch.enable_grad():
            found = differentiable_forward(self.packing, self._parameter, inputs)
            loss = measure.losses(found[..., :real], targets[..., :real], self.tasks).mean(dim=1).sum()
            if self.recipe.penalty is not None:
                blocks = [self.packing.block(self._parameter, layer)[:, :, :-1] for layer in range(self.packing.depth)]
                masks = [self.packing.block(self._masks, layer)[:, :, :-1] for layer in range(self.packing.depth)]
                weights_row = torch.cat([block.flatten(1) for block in blocks], dim=1)
                mask_row = torch.cat([mask.flatten(1) for mask in masks], dim=1)
                loss = loss + self.recipe.penalty.penalty(weights_row, mask_row).sum()
        (gradient,) = torch.autograd.grad(loss, [self._parameter])
        self._parameter.grad.copy_(gradient)  # type: ignore[union-attr]
        logits.copy_(found.detach())

    def _train_loss(self, first: int) -> Tensor:
        """The mean loss (R, T) over the epoch's samples, each measured just before the step that it belongs to."""
        logits, targets = (of.permute(1, 2, 0, 3).flatten(2) for of in (self._logits[first:], self._targets[first:]))
        if first == 0:
            logits, targets = self._training.real(logits), self._training.real(targets)
        else:
            real = self._batch_weights[first:].flatten().nonzero().flatten()
            logits, targets = logits[..., real], targets[..., real]
        return measure.losses(logits, targets, self.tasks)

    def _validate(self) -> tuple[Tensor, Tensor]:
        validation, seeds = self._validation, len(self.members)
        for place, chunk in enumerate(validation.chunks):
            columns = slice(place * validation.width, (place + 1) * validation.width)
            self._measuring.forward(chunk.expand(seeds, -1, -1), self._validation_logits[:, :, columns])
        logits = self._validation_logits[..., : validation.count]
        losses = measure.losses(logits, validation.targets, self.tasks)
        return losses, measure.accuracy(logits, validation.targets, self.tasks)

    def _take_out(self, places: list[int]) -> list[Finished]:
        """Hand over the seeds at these places and go on with the rest in smaller buffers."""
        finished = [self._finish(place) for place in places]
        kept = torch.tensor([place for place in range(len(self.members)) if place not in places], dtype=torch.int64)
        self.members = [self.members[place] for place in kept.tolist()]
        if self.members:
            self._keep(kept.to(self._parameter.device))
        return finished

    def _finish(self, place: int) -> Finished:
        member = self.members[place]
        measured = np.array(member.measured).reshape(len(member.measured), 3, -1)
        failed = not np.isfinite(measured[-1, :2]).all()
        row, best = self.rows()[place].clone(), len(measured)
        if self._best is not None and not failed:
            row, best = self._best[place].clone(), int(measured[:, 1].mean(axis=1).argmin()) + 1
        captured = None
        if self.recipe.captured_step:
            captured = row if self._captured is None else self._captured[place].clone()
        return Finished(member.name, row, captured, measured, failed, best)

    def _keep(self, kept: Tensor) -> None:
        before = self._parameter
        after = torch.nn.Parameter(before.detach().index_select(0, kept))
        state = self._optimizer.state.pop(before, {})
        for name, value in state.items():
            per_seed = isinstance(value, Tensor) and value.shape == before.shape
            self._optimizer.state[after][name] = value.index_select(0, kept) if per_seed else value
        self._optimizer.param_groups[0]["params"] = [after]
        self._parameter, self._masks = after, self._masks.index_select(0, kept)
        self._best = None if self._best is None else self._best.index_select(0, kept)
        self._captured = None if self._captured is None else self._captured.index_select(0, kept)
        self.stopping.select(kept)
        self._make_buffers()
