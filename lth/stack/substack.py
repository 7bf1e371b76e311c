"""Seeds packed alike that train one level side by side: an epoch of all, and their leaving one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from lth.data import measure
from lth.data.dataset import Task
from lth.regularisers.penalty import Penalty
from lth.stack.network import Batch, LogitGradient, Network, differentiable_forward
from lth.stack.packing import Packing
from lth.stack.samples import HeldOutSamples, TrainingSamples
from lth.stack.stepping import stepper
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

    @cached_property
    def moves_by_gradient_alone(self) -> bool:
        """Whether the optimiser leaves a weight with zero gradient where it is; found by asking it twice."""
        probe = torch.nn.Parameter(torch.ones(32))
        optimizer = self.optimizer([probe])
        for _ in range(2):
            probe.grad = torch.zeros_like(probe)
            optimizer.step()
        return bool((probe == 1).all())


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
    """R seeds with packed rows and masks (R, size), trained epoch by epoch until each one's level is over.

    `masks` are true wherever no weight is pruned, padding included.
    """

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
        self._loss = LogitGradient(tasks)
        self._skipped, self._steps = recipe.skipped_steps, 0
        self._captured: Tensor | None = None
        self.stopping = Stopping(recipe.stopping, len(rows), rows.device)
        self._masks = masks
        self._best = rows.clone() if recipe.restore_best else None
        self._parameter = torch.nn.Parameter(packing.with_ones(rows))
        self._optimizer = recipe.optimizer([self._parameter])
        self._make_buffers()

    def _make_buffers(self) -> None:
        """Buffers and views for the seeds there are now: no step allocates or slices."""
        flat, training, validation, packing = self._parameter.detach(), self._training, self._validation, self.packing
        seeds, outputs = len(self.members), packing.widths[-1]
        gradients = self._parameter.grad = torch.zeros_like(flat)
        pruned = not bool(self._masks.all())
        self._mask_factor = packing.by_layer(self._masks).to(flat.dtype) if pruned else None
        self._ones, self._passing_gradients = packing.ones(flat), packing.passing_rows(gradients)
        self._network = Network(packing, flat, gradients, training.width)
        self._measuring = Network(packing, flat, None, validation.width)
        batches = training.batches
        self._inputs = flat.new_empty(batches * seeds * training.width, packing.columns[0])
        self._targets = flat.new_empty(batches, seeds, outputs, training.width)
        self._logits = flat.new_zeros(batches, seeds, packing.rows[-1], training.width)
        self._measured_logits = flat.new_empty(len(validation.chunks), seeds, packing.rows[-1], validation.width)
        self._batches = [self._batch(place) for place in range(batches)]
        self._step_optimizer = self._first_step if not self._optimizer.state else stepper(self._optimizer)

    def _batch(self, place: int) -> Batch:
        seeds, width = len(self.members), self._training.width
        inputs = self._inputs.view(-1, seeds, width, self._inputs.shape[1])[place]
        logits = self._logits[place]
        return Batch(
            inputs.transpose(1, 2), inputs, logits, logits[:, : self.packing.widths[-1]], self._targets[place],
            self._training.weights[place] / len(self.tasks), self._training.sizes[place],
        )  # fmt: skip

    def epoch(self) -> list[Finished]:
        """Train every seed for one epoch, measure it, and take out those whose level is over."""
        if not self.members:
            return []
        streams = [member.stream for member in self.members]
        for _ in range(self._skipped // self._training.batches):
            self._training.draw(streams)
        first, self._skipped = self._skipped % self._training.batches, 0
        order = self._training.draw(streams)
        measured = self._train_and_measure(order.to(self._parameter.device), first)
        for member, numbers in zip(self.members, measured.flatten(1).tolist(), strict=True):
            member.measured.append(numbers)
        over = self.stopping.over.tolist()
        return self._take_out([place for place, ended in enumerate(over) if ended]) if any(over) else []

    def rows(self) -> Tensor:
        """The packed rows (R, size) as they are now, a copy."""
        return self.packing.by_seed(self._parameter.detach())

    @torch.no_grad()
    def _train_and_measure(self, order: Tensor, first: int) -> Tensor:
        """One epoch without a host visit: (R, 3, T) train loss, validation loss, validation accuracy."""
        self._gather(order)
        for batch in self._batches[first:]:
            self._step(batch)
        train_loss = self._train_loss(first)
        losses, accuracies = self._validate()
        self.stopping.update(losses.mean(dim=1))
        if self._best is not None:
            self._best = torch.where(self.stopping.improved[:, None], self.rows(), self._best)
        return torch.stack([train_loss, losses, accuracies], dim=1)

    def _gather(self, order: Tensor) -> None:
        flat = order.flatten()
        torch.index_select(self._training.inputs, 0, flat, out=self._inputs)
        targets = self._training.targets.index_select(1, flat)
        batches, seeds, _, width = self._targets.shape
        self._targets.copy_(targets.view(-1, batches, seeds, width).permute(1, 2, 0, 3))

    def _step(self, batch: Batch) -> None:
        if self.recipe.penalty is None:
            self._network.forward(batch.inputs, batch.logits)
            self._network.backward(batch, self._loss)
        else:
            self._differentiate(batch, self.recipe.penalty)
        for gradient in self._passing_gradients:
            gradient.zero_()
        if self._mask_factor is not None:
            self._parameter.grad.mul_(self._mask_factor)  # type: ignore[union-attr]
        self._step_optimizer()
        if not self.recipe.moves_by_gradient_alone:
            for one in self._ones:
                one.fill_(1)
        self._steps += 1
        if self._steps == self.recipe.captured_step:
            self._captured = self.rows()

    def _first_step(self) -> None:
        """The step that makes the optimiser's state; later ones go straight to it."""
        self._optimizer.step()
        self._step_optimizer = stepper(self._optimizer)

    def _differentiate(self, batch: Batch, penalty: Penalty) -> None:
        """The gradient by autograd: the path of everything that the written-out one does not know."""
        packing = self.packing
        with torch.enable_grad():
            logits = differentiable_forward(packing, self._parameter, batch.inputs)
            real = logits[:, : packing.widths[-1], : batch.samples]
            loss = measure.losses(real, batch.targets[..., : batch.samples], self.tasks).mean(dim=1)
            loss = loss + penalty.penalty(packing.weights(self._parameter), packing.weights(self._flat_masks))
            (gradient,) = torch.autograd.grad(loss.sum(), [self._parameter])
        self._parameter.grad.copy_(gradient)  # type: ignore[union-attr]
        batch.logits.copy_(logits.detach())

    @property
    def _flat_masks(self) -> Tensor:
        return self.packing.by_layer(self._masks)

    def _train_loss(self, first: int) -> Tensor:
        """The mean loss (R, T) over the epoch's samples, each measured just before the step that it belongs to."""
        outputs = self._logits[first:, :, : self.packing.widths[-1]]
        logits, targets = (of.permute(1, 2, 0, 3).flatten(2) for of in (outputs, self._targets[first:]))
        return measure.losses(self._training.real(logits, first), self._training.real(targets, first), self.tasks)

    def _validate(self) -> tuple[Tensor, Tensor]:
        validation, seeds = self._validation, len(self.members)
        for chunk, logits in zip(validation.chunks, self._measured_logits, strict=True):
            self._measuring.forward(chunk.expand(seeds, -1, -1), logits)
        outputs = self._measured_logits[:, :, : self.packing.widths[-1]].permute(1, 2, 0, 3).flatten(2)
        outputs = outputs[..., : validation.count]
        losses = measure.losses(outputs, validation.targets, self.tasks)
        return losses, measure.accuracy(outputs, validation.targets, self.tasks)

    def _take_out(self, places: list[int]) -> list[Finished]:
        """Hand over the seeds at these places and go on with the rest in smaller buffers."""
        rows = self.rows()
        finished = [self._finish(place, rows) for place in places]
        kept = [place for place in range(len(self.members)) if place not in places]
        self.members = [self.members[place] for place in kept]
        if self.members:
            self._keep(torch.tensor(kept, device=rows.device), rows)
        return finished

    def _finish(self, place: int, rows: Tensor) -> Finished:
        member = self.members[place]
        measured = np.array(member.measured).reshape(len(member.measured), 3, -1)
        failed = not np.isfinite(measured[-1, :2]).all()
        row, best = rows[place].clone(), len(measured)
        if self._best is not None and not failed:
            row, best = self._best[place].clone(), int(measured[:, 1].mean(axis=1).argmin()) + 1
        captured = None
        if self.recipe.captured_step:
            captured = row if self._captured is None else self._captured[place].clone()
        return Finished(member.name, row, captured, measured, failed, best)

    def _keep(self, kept: Tensor, rows: Tensor) -> None:
        before, packing = self._parameter, self.packing
        after = torch.nn.Parameter(packing.by_layer(rows.index_select(0, kept)))
        for name, value in self._optimizer.state.pop(before, {}).items():
            if isinstance(value, Tensor) and value.shape == before.shape:
                value = packing.by_layer(packing.by_seed(value).index_select(0, kept))
            self._optimizer.state[after][name] = value
        self._optimizer.param_groups[0]["params"] = [after]
        self._parameter, self._masks = after, self._masks.index_select(0, kept)
        self._best = None if self._best is None else self._best.index_select(0, kept)
        self._captured = None if self._captured is None else self._captured.index_select(0, kept)
        self.stopping.select(kept)
        self._make_buffers()
