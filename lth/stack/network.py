"""The masked MLP on packed rows: forward and backward of R seeds at once, written out and in place."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lth.data.dataset import Task
from lth.stack.layout import aligned
from lth.stack.packing import Packing

_relu_backward = torch.ops.aten.threshold_backward.grad_input


class Network:
    """R seeds' forward and backward passes over samples as columns, in buffers made once.

    Shapes: packed rows (R, size), inputs (R, in + 1, width) whose last row is ones, logits (R, outputs, width).
    Nothing here couples seeds: every product is a batched one.
    """

    def __init__(self, packing: Packing, rows: Tensor, gradients: Tensor | None, width: int) -> None:
        self._layers = packing.layers(rows, gradients)
        seeds, hidden = len(rows), packing.widths[1:-1]
        # The last row of a layer's activations is ones: the input of the next layer's biases.
        self._augmented = [rows.new_ones(seeds, neurons + 1, width) for neurons in hidden]
        self._activations = [augmented[:, :-1] for augmented in self._augmented]
        if gradients is not None:
            self._errors = [rows.new_empty(seeds, neurons, width) for neurons in packing.widths[1:]]
            self._transposed = [augmented.transpose(1, 2) for augmented in self._augmented]

    def forward(self, inputs: Tensor, logits: Tensor) -> None:
        """Write the logits of these inputs to `logits`; the activations stay for `backward`."""
        values = inputs
        for layer, activations, augmented in zip(self._layers, self._activations, self._augmented, strict=False):
            layer.forward(values, activations)
            activations.relu_()
            values = augmented
        self._layers[-1].forward(values, logits)

    def backward(self, inputs: Tensor, logits: Tensor, targets: Tensor, weights: Tensor, loss: "LogitGradient") -> None:
        """Write the gradient of the weighted mean loss to the gradient rows; follows `forward` on the same inputs."""
        errors = self._errors[-1]
        loss.write(logits, targets, weights, out=errors)
        for place in range(len(self._layers) - 1, 0, -1):
            layer = self._layers[place]
            layer.weight_gradient(errors, self._transposed[place - 1])
            layer.input_gradient(errors, self._errors[place - 1])
            errors = self._errors[place - 1]
            _relu_backward(errors, self._activations[place - 1], 0, grad_input=errors)
        self._layers[0].weight_gradient(errors, inputs.transpose(1, 2))


def differentiable_forward(packing: Packing, rows: Tensor, inputs: Tensor) -> Tensor:
    """The logits (R, outputs, width) of packed rows (R, size), as autograd follows them."""
    values = inputs
    for layer in range(packing.depth):
        values = _Product.apply(packing.block(rows, layer), values)
        if layer < packing.depth - 1:
            values = torch.cat([values.relu(), values.new_ones(len(values), 1, values.shape[2])], dim=1)
    return values


class _Product(torch.autograd.Function):
    """blocks (R, out, in) · values (R, in, width), whose block gradient lies aligned as the packed rows do.

    Autograd's own product lays the seeds' gradients end to end; then their bits depend on the place in the stack.
    """

    @staticmethod
    def forward(ctx: Any, block: Tensor, values: Tensor) -> Tensor:
        ctx.save_for_backward(block, values)
        return torch.bmm(block, values)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, errors: Tensor) -> tuple[Tensor, Tensor]:
        block, values = ctx.saved_tensors
        seeds, out, into = block.shape
        gradient = block.new_empty(seeds, aligned(out * into))[:, : out * into].view(seeds, out, into)
        torch.bmm(errors, values.transpose(1, 2), out=gradient)
        return gradient, torch.bmm(block.transpose(1, 2), errors)


class LogitGradient:
    """The gradient of the mean over tasks of their losses with respect to the logits, written out per kind of task."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = [(task.kind, slice(task.outputs[0], task.outputs[-1] + 1), len(task.outputs)) for task in tasks]
        self._all_binary = all(task.kind == "binary" for task in tasks)

    def write(self, logits: Tensor, targets: Tensor, weights: Tensor, out: Tensor) -> None:
        """Write d loss / d logits (R, outputs, width) to `out`.

        `weights` (width,) are each sample's share of a task's loss: 1 / (samples x tasks), 0 for padding.
        """
        if self._all_binary:
            torch.sigmoid(logits, out=out)
            out.sub_(targets)
        else:
            self._write_blocks(logits, targets, out)
        out.mul_(weights)

    def _write_blocks(self, logits: Tensor, targets: Tensor, out: Tensor) -> None:
        for kind, block, outputs in self._tasks:
            if kind == "binary":
                out[:, block] = logits[:, block].sigmoid() - targets[:, block]
            elif kind == "classes":
                out[:, block] = logits[:, block].softmax(dim=1) - targets[:, block]
            else:
                out[:, block] = (logits[:, block] - targets[:, block]) * (2 / outputs)
