"""The passes written out by hand against StackedMLP and autograd, in float64."""

import pytest
import torch
from torch import Tensor

from lth.data import measure
from lth.data.dataset import Task
from lth.stack.layers import Pattern
from lth.stack.layout import aligned, padded_inputs, padded_neurons
from lth.stack.network import Batch, LogitGradient, Network, differentiable_forward
from lth.stack.packing import Packing
from lth.training.mlp import StackedMLP, initial_rows

TASKS = {
    "binary": (Task("a", (0, 1), (0,), "binary"), Task("b", (2, 3), (1,), "binary")),
    "one task": (Task("a", (0, 1, 2, 3), (0,), "binary"),),
    "classes": (Task("a", (0, 1), (0, 1, 2), "classes"), Task("b", (2, 3), (3, 4), "classes")),
    "values": (Task("a", (0, 1), (0, 1), "values"), Task("b", (2, 3), (2,), "values")),
    "mixed": (
        Task("a", (0,), (0,), "binary"), Task("b", (1,), (1, 2, 3), "classes"), Task("c", (2, 3), (4, 5), "values"),
    ),
}  # fmt: skip
SEEDS = (0, 1, 2)


def targets_of(tasks: tuple[Task, ...], samples: int) -> Tensor:
    """Random targets (outputs, samples) that fit the tasks."""
    parts = []
    for task in tasks:
        if task.kind == "binary":
            parts.append((torch.rand(1, samples) < 0.5).double())
        elif task.kind == "classes":
            parts.append(torch.eye(len(task.outputs)).double()[torch.randint(len(task.outputs), (samples,))].T)
        else:
            parts.append(torch.randn(len(task.outputs), samples).double())
    return torch.cat(parts)


def batch_of(packing: Packing, tasks: tuple[Task, ...], samples: int) -> Batch:
    """A batch with padding in which every seed has samples of its own."""
    width, outputs = aligned(samples), packing.widths[-1]
    inputs = torch.zeros(len(SEEDS), width, padded_inputs(packing.widths[0])).double()
    inputs[:, :samples, : packing.widths[0]] = torch.randn(len(SEEDS), samples, packing.widths[0])
    inputs[:, :, packing.widths[0]] = 1
    targets = torch.zeros(len(SEEDS), outputs, width).double()
    targets[:, :, :samples] = torch.stack([targets_of(tasks, samples) for _ in SEEDS])
    weights = torch.zeros(width).double()
    weights[:samples] = 1 / (samples * len(tasks))
    logits = torch.zeros(len(SEEDS), packing.rows[-1], width).double()
    return Batch(inputs.transpose(1, 2), inputs, logits, logits[:, :outputs], targets, weights, samples)


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("hidden", [(), (6,), (7, 5), (8, 4, 9)])
def test_forward_and_backward_are_autograds(name: str, hidden: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    tasks = TASKS[name]
    widths = (4, *hidden, tasks[-1].outputs[-1] + 1)
    model = StackedMLP(widths, initial_rows(widths, SEEDS, bias_init="normal", dtype=torch.float64))
    packing = Packing(widths)
    sources = packing.sources(model.layout, [torch.arange(width) for width in widths])
    packed = torch.where(sources >= 0, model.rows[:, sources.clamp(min=0)], 0)
    flat = packing.with_ones(packed)
    gradients, batch = torch.full_like(flat, torch.nan), batch_of(packing, tasks, 21)
    gradients[:] = 0
    network = Network(packing, flat, gradients, aligned(21))
    network.forward(batch.inputs, batch.logits)
    network.backward(batch, LogitGradient(tasks))

    rows = model.rows.clone().requires_grad_()
    values = batch.transposed_inputs[:, :21, :4]
    for layer in range(model.layout.depth):
        weight, bias = model.layout.weight(rows, layer), model.layout.bias(rows, layer)
        values = values @ weight.transpose(1, 2) + bias[:, None]
        values = values.relu() if layer < model.layout.depth - 1 else values
    logits = values.transpose(1, 2)
    torch.testing.assert_close(batch.outputs[..., :21], logits.detach(), rtol=0, atol=1e-13)
    torch.testing.assert_close(differentiable_forward(packing, flat, batch.inputs), batch.logits, rtol=0, atol=1e-13)
    measure.losses(logits, batch.targets[..., :21], tasks).mean(dim=1).sum().backward()
    found = packing.by_seed(gradients)[:, sources >= 0]
    assert rows.grad is not None
    wanted = rows.grad[:, sources[sources >= 0]]
    assert wanted.any()
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-13)


@pytest.mark.parametrize("density", [0.0, 0.1, 0.6])
def test_sparse_products_are_the_dense_ones(density: float) -> None:
    torch.manual_seed(1)
    tasks, widths = TASKS["mixed"], (4, 11, 9, 6)
    mask = torch.rand(9, 11) < density
    pattern = Pattern.of(mask, (padded_neurons(9), padded_neurons(11)))
    model = StackedMLP(widths, initial_rows(widths, (5,), bias_init="normal", dtype=torch.float64))
    model.layout.weight(model.rows, 1)[0].mul_(mask)
    found = []
    for packing in (Packing(widths), Packing(widths, [None, pattern, None])):
        torch.manual_seed(2)
        whole = batch_of(packing, tasks, 30)
        batch = Batch(
            whole.inputs[:1], whole.transposed_inputs[:1], whole.logits[:1], whole.outputs[:1], whole.targets[:1],
            whole.weights, whole.samples,
        )  # fmt: skip
        sources = packing.sources(model.layout, [torch.arange(width) for width in widths])
        flat = packing.with_ones(torch.where(sources >= 0, model.rows[:, sources.clamp(min=0)], 0))
        gradients = torch.zeros_like(flat)
        network = Network(packing, flat, gradients, aligned(30))
        network.forward(batch.inputs, batch.logits)
        network.backward(batch, LogitGradient(tasks))
        canonical = torch.zeros(model.layout.size).double()
        canonical[sources[sources >= 0]] = packing.by_seed(gradients)[0, sources >= 0]
        model.layout.weight(canonical[None], 1)[0].mul_(mask)
        found.append((batch.outputs.clone(), canonical))
    torch.testing.assert_close(found[1], found[0], rtol=0, atol=1e-13)
    assert found[0][1].any()
