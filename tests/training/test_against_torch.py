"""The stack against nn.Linear and torch.optim, one seed at a time, in float64."""

from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lth.data import measure
from lth.data.digits import build as digits
from lth.data.moons_circles import build_with_digits
from lth.data.symbolic import build_symbolic
from lth.method.criterion.magnitude import Magnitude
from lth.method.penalty.l1 import L1
from lth.method.restart.late import Late
from lth.method.restart.onward import Onward
from lth.method.step.noise import Noise
from lth.randomness import generator
from lth.ticket import Ticket
from lth.training.job import Job
from lth.training.mlp import StackedMLP, initial_rows
from tests.small_jobs import moons_circles, run, run_by_both, small_job, tickets, without_kernel


def network(job: Job, seed: int) -> nn.Sequential:
    """A plain network with the seed's initial values."""
    model = StackedMLP(job.widths, initial_rows(job.widths, [seed], job.init, job.bias_init, dtype=torch.float64))
    layers: list[nn.Module] = []
    for layer in range(model.layout.depth):
        linear = nn.Linear(job.widths[layer], job.widths[layer + 1], dtype=torch.float64)
        linear.weight.data = model.layout.weight(model.weight, layer)[0].clone()
        linear.bias.data = model.layout.bias(model.weight, layer)[0].clone()
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def loss_of(logits: Tensor, y: Tensor, job: Job) -> Tensor:
    """The mean over tasks of PyTorch's own losses; logits and y (N, outputs)."""
    terms = []
    for task in job.dataset.tasks:
        own, target = logits[:, list(task.outputs)], y[:, list(task.outputs)]
        if task.kind == "binary":
            terms.append(nn.functional.binary_cross_entropy_with_logits(own, target))
        elif task.kind == "classes":
            terms.append(nn.functional.cross_entropy(own, target.argmax(dim=1)))
        else:
            terms.append(nn.functional.mse_loss(own, target))
    return torch.stack(terms).mean()


def plain_run(job: Job, seed: int) -> list[tuple[list[Tensor], list[Tensor], list[float]]]:
    """Per level the masks, the trained weights and the validation losses, from a loop that knows no stack."""
    model = network(job, seed)
    linears = [module for module in model if isinstance(module, nn.Linear)]
    start = [parameter.detach().clone() for parameter in model.parameters()]
    masks = [torch.ones_like(linear.weight) for linear in linears]
    x, y, xv, yv = (
        torch.from_numpy(part).double() for split in (job.dataset.train, job.dataset.val) for part in (split.x, split.y)
    )
    levels = []
    for level, keep in enumerate(job.keeps):
        if level:
            sizes = [linear.weight.abs() * mask for linear, mask in zip(linears, masks, strict=True)]
            threshold = torch.cat([size.flatten() for size in sizes]).sort(descending=True).values[keep - 1]
            masks = [(size >= threshold) * mask for size, mask in zip(sizes, masks, strict=True)]
            for parameter, value in zip(model.parameters(), start, strict=True):
                parameter.data = value.clone()
        for linear, mask in zip(linears, masks, strict=True):
            linear.weight.data *= mask
        losses = plain_level(job, model, linears, masks, generator(seed, "batches", level), x, y, xv, yv)
        levels.append((masks, [linear.weight.detach().clone() for linear in linears], losses))
    return levels


def plain_level(job, model, linears, masks, stream, x, y, xv, yv) -> list[float]:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses: list[float] = []
    while (
        len(losses) < job.stopping.max_epochs
        and len(losses) - 1 - int(np.argmin(losses or [0])) < job.stopping.patience
    ):
        for batch in torch.randperm(len(x), generator=stream).split(job.batch_size):
            optimizer.zero_grad()
            loss_of(model(x[batch]), y[batch], job).backward()
            for linear, mask in zip(linears, masks, strict=True):
                linear.weight.grad *= mask
            optimizer.step()
        losses.append(loss_of(model(xv), yv, job).item())
    return losses


DATASETS = {
    "binary": moons_circles(),
    "classes": digits(tasks=["digits", "turned"], n_train=150, n_val=100, n_test=50),
    "values": build_symbolic(n_train=150, n_val=100, n_test=50),
    "mixed": build_with_digits(n_train=150, n_val=100, n_test=50),
}


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("path", ["kernel", "torch"])
def test_stack_is_linear_layers_and_adam(name: str, path: str, tmp_path: Path) -> None:
    job = small_job(tmp_path, (20, 14), 3, dataset=DATASETS[name], precision="float64", seeds=(3, 5))
    with nullcontext() if path == "kernel" else without_kernel():
        run(job)
    for seed in job.seeds:
        for ticket, (masks, weights, losses) in zip(tickets(job, seed), plain_run(job, seed), strict=True):
            assert len(ticket.epochs) == len(losses)
            np.testing.assert_allclose(ticket.epochs[:, 1], losses, rtol=1e-6, atol=1e-9)
            for layer, (mask, weight) in enumerate(zip(masks, weights, strict=True)):
                np.testing.assert_array_equal(ticket.masks[layer], mask.bool().numpy())
                np.testing.assert_allclose(ticket.weights[layer], weight.numpy(), rtol=1e-6, atol=1e-8)


PARTS = {
    "plain": {},
    "penalty": {"penalty": L1(strength=1e-3)},
    "noise": {"step": Noise()},
    "best weights": {"restore_best": True},
    "late rewinding": {"restart": Late(step=6)},
    "late rewinding beyond the end": {"restart": Late(step=500)},
    "the optimiser goes on": {"restart": Onward(carried=True)},
    "an optimiser that the kernel does not know": {"optimizer": partial(torch.optim.NAdam, lr=1e-3)},
    "one that goes on": {"optimizer": partial(torch.optim.NAdam, lr=1e-3), "restart": Onward(carried=True)},
    "weight decay": {"optimizer": partial(torch.optim.AdamW, lr=1e-3, weight_decay=0.1)},
    "momentum": {"optimizer": partial(torch.optim.SGD, lr=0.05, momentum=0.9, nesterov=True)},
    "one step at a time": {"penalty": L1(strength=1e-30)},
}


@pytest.mark.parametrize("name", ["binary", "mixed"])
@pytest.mark.parametrize("part", PARTS)
def test_the_kernel_and_pytorchs_path_agree(name: str, part: str, tmp_path: Path) -> None:
    ours, theirs = run_by_both(tmp_path, (24, 20), 4, dataset=DATASETS[name], seeds=(0, 1), **PARTS[part])
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            for layer in range(3):
                np.testing.assert_array_equal(a.masks[layer], b.masks[layer])
                np.testing.assert_allclose(a.weights[layer], b.weights[layer], rtol=1e-6, atol=1e-8)
                np.testing.assert_allclose(a.anchors[layer], b.anchors[layer], rtol=1e-6, atol=1e-8)
            for column in ("test_loss", "test_accuracy"):
                assert a.row[column] == pytest.approx(b.row[column], rel=1e-6)


def test_late_rewinding_takes_the_anchor_at_step_k(tmp_path: Path) -> None:
    job = small_job(tmp_path, (12,), 1, precision="float64", restart=Late(step=6), seeds=(4,), criterion=Magnitude())
    run(job)
    model = network(job, 4)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = (torch.from_numpy(part).double() for part in (job.dataset.train.x, job.dataset.train.y))
    stream = generator(4, "batches", 0)
    batches = [batch for _ in range(2) for batch in torch.randperm(len(x), generator=stream).split(job.batch_size)]
    for batch in batches[:6]:
        optimizer.zero_grad()
        loss_of(model(x[batch]), y[batch], job).backward()
        optimizer.step()
    linears = [module for module in model if isinstance(module, nn.Linear)]
    for ticket in tickets(job, 4):
        for layer, linear in enumerate(linears):
            np.testing.assert_allclose(ticket.anchors[layer], linear.weight.detach().numpy(), atol=1e-12)
            np.testing.assert_allclose(ticket.anchor_biases[layer], linear.bias.detach().numpy(), atol=1e-12)


def recomputed(ticket: Ticket, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss and accuracy per task from the ticket's arrays alone."""
    values = x.astype(np.float64)
    for layer, (weight, bias) in enumerate(zip(ticket.weights, ticket.biases, strict=True)):
        values = values @ (weight * ticket.masks[layer]).T + bias
        values = np.maximum(values, 0) if layer < len(ticket.weights) - 1 else values
    logits, targets = torch.from_numpy(values.T[None].copy()), torch.from_numpy(y.T.copy())
    found = measure.losses(logits, targets, ticket.tasks)[0], measure.accuracy(logits, targets, ticket.tasks)[0]
    return found[0].numpy(), found[1].numpy()


def test_rows_can_be_recomputed_from_tickets(tmp_path: Path) -> None:
    job = small_job(tmp_path, (20, 14), 4)
    run(job)
    for seed in job.seeds:
        chain = tickets(job, seed)
        for level, ticket in enumerate(chain):
            row, dense = ticket.row, chain[0].row
            for part, split in (("val", job.dataset.val), ("test", job.dataset.test)):
                losses, accuracies = recomputed(ticket, split.x, split.y)
                assert row[f"{part}_loss"] == pytest.approx(losses.mean(), rel=1e-4)
                assert row[f"{part}_accuracy"] == pytest.approx(accuracies.mean(), abs=1e-6)
                assert row[f"{part}_loss_circles"] == pytest.approx(losses[1], rel=1e-4)
                assert row[f"{part}_accuracy_moons"] == pytest.approx(accuracies[0], abs=1e-6)
            assert row["keep"] == row["weights"] == row["prunable"] == sum(mask.sum() for mask in ticket.masks)
            assert row["density"] == job.keeps[level] / job.keeps[0]
            assert row["epochs"] == len(ticket.epochs)
            assert row["unprunable"] == row["biases"] == 36
            if level == 0:
                assert row["rate"] is row["winning"] is row["min_kept_magnitude"] is None
                continue
            assert row["rate"] == pytest.approx(1 - job.keeps[level] / job.keeps[level - 1])
            wins = row["test_accuracy"] >= dense["test_accuracy"] and row["epochs"] <= dense["epochs"]
            assert row["winning"] == wins
            before = zip(chain[level - 1].weights, ticket.masks, strict=True)
            assert row["min_kept_magnitude"] == min(np.abs(weight[mask]).min() for weight, mask in before if mask.any())
