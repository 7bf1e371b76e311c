"""Runs in float64 are plain PyTorch's to 1e-12, and what is recorded of a run is exact."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.data.dataset import Dataset, Split
from lth.randomness import generator
from lth.ticket import Ticket
from lth.training.job import Job
from tests.configured import kept_of, plain_weights, plan_of, trained
from tests.training.test_against_torch import loss_of, network

SIZES = ("dataset.n_train=50", "dataset.n_val=20", "dataset.n_test=30", "trainer.batch_size=20")
KINDS = {
    "binary": (),
    "classes": ("dataset=digits_pair",),
    "values": ("dataset=symbolic_pair",),
    "mixed": ("dataset=moons_circles_digits",),
    "a penalty": ("penalty=l1",),
}
SGD = {"_target_": "torch.optim.SGD", "lr": 0.1, "momentum": 0.9}


def losses_of(job: Job, ticket: Ticket, split: Split) -> float:
    """The ticket's loss by PyTorch, from its own weights."""
    model = network(job, ticket.seed)
    for parameter, value in zip(model.parameters(), kept_of(ticket), strict=True):
        parameter.data = value
    return loss_of(model(torch.from_numpy(split.x).double()), torch.from_numpy(split.y).double(), job).item()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "a penalty"])
@pytest.mark.parametrize("samples", [50, 40, 41])
def test_float64_is_plain_pytorch(kind: str, samples: int, tmp_path: Path) -> None:
    """Also in last batches whose size has no exact inverse: 10, 20 and 1 samples."""
    sizes = ("dataset=moons_circles", *KINDS[kind], *SIZES, f"dataset.n_train={samples}")
    job, chains = trained(plan_of(tmp_path, *sizes, optimizer=SGD))
    for ticket in chains[0]:
        theirs = plain_weights(job, ticket, partial(torch.optim.SGD, lr=0.1, momentum=0.9))
        for ours, other in zip(kept_of(ticket), theirs, strict=True):
            torch.testing.assert_close(ours, other, rtol=0, atol=1e-12)
        assert ticket.row["val_loss"] == pytest.approx(losses_of(job, ticket, job.dataset.val), rel=1e-12)
        assert ticket.row["test_loss"] == pytest.approx(losses_of(job, ticket, job.dataset.test), rel=1e-12)


def test_a_penaltys_steps_are_plain_pytorchs_too(tmp_path: Path) -> None:
    job, chains = trained(plan_of(tmp_path, *KINDS["a penalty"], *SIZES, "trainer.max_epochs=1", optimizer=SGD))
    ticket = chains[0][0]
    model, strength = network(job, 0), 1e-3
    assert job.method.penalty is not None
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    weights = [parameter for parameter in model.parameters() if parameter.ndim == 2]
    x, y = (torch.from_numpy(part).double() for part in (job.dataset.train.x, job.dataset.train.y))
    strength = vars(job.method.penalty)["strength"]
    for batch in torch.randperm(len(x), generator=generator(0, "batches", 0)).split(job.batch_size):
        optimizer.zero_grad()
        (loss_of(model(x[batch]), y[batch], job) + strength * sum(w.abs().sum() for w in weights)).backward()
        optimizer.step()
    for ours, theirs in zip(kept_of(ticket), model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs.detach(), rtol=0, atol=1e-12)


def answers(ticket: Ticket, split: Split) -> np.ndarray:
    """The ticket's logits (N, outputs), in float64 from its own weights."""
    values = split.x.astype(np.float64)
    for layer, (weight, bias) in enumerate(zip(ticket.weights, ticket.biases, strict=True)):
        values = values @ weight.T.astype(np.float64) + bias
        values = np.maximum(values, 0) if layer < len(ticket.weights) - 1 else values
    return values


def right_of(dataset: Dataset, ticket: Ticket, split: Split) -> dict[str, int]:
    """How many samples of a part the ticket gets right in every task."""
    logits, right = answers(ticket, split), {}
    for task in dataset.tasks:
        own, target = logits[:, list(task.outputs)], split.y[:, list(task.outputs)]
        same = (own > 0) == (target > 0.5) if task.kind == "binary" else own.argmax(1) == target.argmax(1)
        right[task.name] = int(same.sum())
    return right


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["binary", "classes"])
def test_accuracies_are_exact_quotients(kind: str, precision: str, tmp_path: Path) -> None:
    precise = (*KINDS[kind], *SIZES, f"trainer.precision={precision}")
    job, chains = trained(plan_of(tmp_path, *precise))
    for ticket in chains[0]:
        for part, split in (("val", job.dataset.val), ("test", job.dataset.test)):
            quotients = {name: count / len(split) for name, count in right_of(job.dataset, ticket, split).items()}
            for name, quotient in quotients.items():
                assert ticket.row[f"{part}_accuracy_{name}"] == quotient
            assert ticket.row[f"{part}_accuracy"] == pytest.approx(sum(quotients.values()) / len(quotients), abs=1e-15)
        assert ticket.epochs[-1, 2] == ticket.row["val_accuracy"]
