"""One epoch of the seeds that train side by side now: buffers made once, no step allocates or waits for the host."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim import Optimizer

from lth.data import measure
from lth.data.dataset import Task
from lth.method.penalty.penalty import Penalty
from lth.stack.network import Batch, LogitGradient, Network, differentiable_forward
from lth.stack.packing import Packing
from lth.stack.recipe import Recipe
from lth.stack.samples import HeldOutSamples, TrainingSamples
from lth.stack.stepping import stepper


class Epoch:
    """The steps and measurements of R seeds, whose flat parameters the optimiser holds; `masks` is (R, size)."""

    def __init__(
        self,
        packing: Packing,
        optimizer: Optimizer,
        masks: Tensor,
        tasks: Sequence[Task],
        training: TrainingSamples,
        validation: HeldOutSamples,
        recipe: Recipe,
    ) -> None:
        self._packing, self._optimizer, self._tasks = packing, optimizer, tasks
        self._training, self._validation, self._recipe = training, validation, recipe
        (self._parameter,) = optimizer.param_groups[0]["params"]
        self._seeds, self._outputs = len(masks), packing.widths[-1]
        self._loss = LogitGradient(tasks)
        flat = self._parameter.detach()
        gradients = self._parameter.grad = torch.zeros_like(flat)
        self._flat_masks = packing.by_layer(masks)
        self._mask_factor = None if bool(masks.all()) else self._flat_masks.to(flat.dtype)
        self._ones, self._passing_gradients = packing.ones(flat), packing.passing_rows(gradients)
        self._network = Network(packing, flat, gradients, training.width)
        self._measuring = Network(packing, flat, None, validation.width)
        batches, seeds, rows = training.batches, self._seeds, packing.rows[-1]
        self._inputs = flat.new_empty(batches * seeds * training.width, packing.columns[0])
        self._targets = flat.new_empty(batches, seeds, self._outputs, training.width)
        self._logits = flat.new_zeros(batches, seeds, rows, training.width)
        self._measured_logits = flat.new_empty(len(validation.chunks), seeds, rows, validation.width)
        self._batches = [self._batch(place) for place in range(batches)]
        self._step_optimizer = stepper(optimizer) if optimizer.state else self._first_step

    @torch.no_grad()
    def gather(self, order: Tensor) -> None:
        """Lay out the epoch's samples by the sample indices `order` (batches, R, width)."""
        flat = order.flatten()
        torch.index_select(self._training.inputs, 0, flat, out=self._inputs)
        targets = self._training.targets.index_select(1, flat)
        batches, seeds, _, width = self._targets.shape
        self._targets.copy_(targets.view(-1, batches, seeds, width).permute(1, 2, 0, 3))

    @torch.no_grad()
    def train(self, first: int, last: int) -> None:
        """Take the steps of the batches first..last-1."""
        for batch in self._batches[first:last]:
            self._step(batch)

    @torch.no_grad()
    def measure(self, first: int) -> Tensor:
        """(R, 3, T) float64: train loss over the batches from `first` on, each before its step, val loss, accuracy."""
        outputs = self._logits[first:, :, : self._outputs]
        logits, targets = (of.permute(1, 2, 0, 3).flatten(2) for of in (outputs, self._targets[first:]))
        real = self._training.real
        train_loss = measure.losses(real(logits, first), real(targets, first), self._tasks)
        for chunk, into in zip(self._validation.chunks, self._measured_logits, strict=True):
            self._measuring.forward(chunk.expand(self._seeds, -1, -1), into)
        outputs = self._measured_logits[:, :, : self._outputs].permute(1, 2, 0, 3).flatten(2)
        outputs, y = outputs[..., : self._validation.count], self._validation.targets
        found = measure.losses(outputs, y, self._tasks), measure.accuracy(outputs, y, self._tasks)
        return torch.stack([of.double() for of in (train_loss, *found)], dim=1)

    def _batch(self, place: int) -> Batch:
        width, logits = self._training.width, self._logits[place]
        inputs = self._inputs.view(-1, self._seeds, width, self._inputs.shape[1])[place]
        return Batch(
            inputs.transpose(1, 2), inputs, logits, logits[:, : self._outputs], self._targets[place],
            self._training.weights[place] / len(self._tasks), self._training.sizes[place],
        )  # fmt: skip

    def _step(self, batch: Batch) -> None:
        if self._recipe.penalty is None:
            self._network.forward(batch.inputs, batch.logits)
            self._network.backward(batch, self._loss)
        else:
            self._differentiate(batch, self._recipe.penalty)
        for gradient in self._passing_gradients:
            gradient.zero_()
        if self._mask_factor is not None:
            self._parameter.grad.mul_(self._mask_factor)
        self._step_optimizer()
        if not self._recipe.moves_by_gradient_alone:
            for one in self._ones:
                one.fill_(1)

    def _first_step(self) -> None:
        """The step that makes the optimiser's state; later ones go straight to it."""
        self._optimizer.step()
        self._step_optimizer = stepper(self._optimizer)

    def _differentiate(self, batch: Batch, penalty: Penalty) -> None:
        """The gradient by autograd: the path of everything that the written-out one does not know."""
        packing = self._packing
        with torch.enable_grad():
            logits = differentiable_forward(packing, self._parameter, batch.inputs)
            real = logits[:, : self._outputs, : batch.samples]
            loss = measure.losses(real, batch.targets[..., : batch.samples], self._tasks).mean(dim=1)
            loss = loss + penalty.penalty(packing.weights(self._parameter), packing.weights(self._flat_masks))
            (gradient,) = torch.autograd.grad(loss.sum(), [self._parameter])
        self._parameter.grad.copy_(gradient)
        batch.logits.copy_(logits.detach())
