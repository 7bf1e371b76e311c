"""The masked MLP on packed rows: forward and backward of R seeds at once, written out and in place."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.data.dataset import Task
from lth.stack.packing import Packing

_relu_backward = torch.ops.aten.threshold_backward.grad_input


class Network:
    """R seeds' forward and backward passes over samples as columns, in buffers made once.

    Shapes: flat parameters (R x size,), inputs (R, columns, width) with a row of ones, logits (R, rows, width) of
    which the first are the outputs. Nothing here couples seeds: every product is a batched one.
    """

    def __init__(self, packing: Packing, flat: Tensor, gradients: Tensor | None, width: int) -> None:
        self._layers = packing.layers(flat, gradients)
        seeds, self._outputs = len(flat) // packing.size, packing.widths[-1]
        self._activations = [flat.new_zeros(seeds, rows, width) for rows in packing.rows[:-1]]
        if gradients is not None:
            self._errors = [flat.new_zeros(seeds, rows, width) for rows in packing.rows]
            self._output_errors = self._errors[-1][:, : self._outputs]
            self._transposed = [activations.transpose(1, 2) for activations in self._activations]

    def forward(self, inputs: Tensor, logits: Tensor) -> None:
        """Write the logits of these inputs to `logits`; the activations stay for `backward`."""
        values = inputs
        for layer, activations in zip(self._layers, self._activations, strict=False):
            layer.forward(values, activations)
            activations.clamp_min_(0)
            values = activations
        self._layers[-1].forward(values, logits)

    def backward(self, batch: "Batch", loss: "LogitGradient") -> None:
        """Write the gradient of the weighted mean loss to the gradients' buffer; follows `forward` on this batch."""
        loss.write(batch.outputs, batch.targets, batch.weights, out=self._output_errors)
        errors = self._errors[-1]
        for place in range(len(self._layers) - 1, 0, -1):
            layer, below = self._layers[place], self._errors[place - 1]
            layer.weight_gradient(errors, self._transposed[place - 1])
            layer.input_gradient(errors, below)
            _relu_backward(below, self._activations[place - 1], 0, grad_input=below)
            errors = below
        self._layers[0].weight_gradient(errors, batch.transposed_inputs)


@dataclass(frozen=True, eq=False)
class Batch:
    """Views of one batch of R seeds: inputs (R, columns, width) and transposed, logits, and of them the outputs.

    `targets` is (R, outputs, width), `weights` (width,) each sample's share of a task's loss, `samples` how many of the
    columns are real.
    """

    inputs: Tensor
    transposed_inputs: Tensor
    logits: Tensor
    outputs: Tensor
    targets: Tensor
    weights: Tensor
    samples: int


def differentiable_forward(packing: Packing, flat: Tensor, inputs: Tensor) -> Tensor:
    """The logits (R, rows, width) of flat parameters (R x size,), as autograd follows them."""
    values = inputs
    for layer in range(packing.depth):
        values = torch.bmm(packing.block(flat, layer), values)
        if layer < packing.depth - 1:
            values = values.relu()
    return values


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
