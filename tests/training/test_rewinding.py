"""What a level starts from by each rule of rewinding, and its epochs against a plain loop."""

from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from lth.method.clock.clock import Segment
from lth.method.criterion.criterion import Criterion
from lth.method.criterion.large_init import LargeInit
from lth.method.criterion.magnitude import Magnitude
from lth.method.criterion.magnitude_increase import MagnitudeIncrease
from lth.method.criterion.movement import Movement
from lth.method.criterion.random import Random
from lth.method.criterion.small_final import SmallFinal
from lth.method.restart.late import Late
from lth.method.restart.onward import Onward
from lth.method.restart.reinit import Reinit
from lth.method.restart.reset import Reset
from lth.method.stopping import StoppingRule
from lth.randomness import generator
from lth.ticket import Ticket
from lth.training.job import Job
from lth.training.mlp import initial_rows
from lth.training.module import StackModule
from tests.small_jobs import flat, moons_circles, run, small_job, tickets, unpruned
from tests.training.test_against_torch import loss_of, network

RESTLESS = partial(torch.optim.Adam, lr=0.05, fused=True)


@pytest.mark.parametrize("rewind", [Reset(), Onward(), Reinit()])
def test_the_anchor_is_the_initialisation_at_every_level(rewind: Reset, tmp_path: Path) -> None:
    job = small_job(tmp_path, restart=rewind, bias_init="normal", seeds=(4, 1))
    run(job)
    initial = initial_rows(job.widths, job.seeds, bias_init="normal").numpy()
    for place, seed in enumerate(job.seeds):
        for ticket in tickets(job, seed):
            np.testing.assert_array_equal(flat(ticket.anchors, ticket.anchor_biases), initial[place])


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> dict[int, np.ndarray]:
    """Level → rows of the model (R, size) as the level starts."""
    seen: dict[int, np.ndarray] = {}
    original = StackModule.start_segment

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        level = next(iter(segments.values())).level
        seen[level] = self.model.weight.clone().numpy()
        original(self, segments)

    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    return seen


def expected_start(job: Job, before: Ticket, now: Ticket, place: int) -> np.ndarray:
    """What the level of `now` starts from by the rule of rewinding, from tickets and seeds alone."""
    match job.method.restart:
        case Onward():
            values = flat(before.weights, before.biases)
        case Reinit():
            options = {"purpose": "reinit", "level": now.level}
            values = initial_rows(job.widths, job.seeds, job.init, job.bias_init, **options)[place].numpy()
        case _:
            values = flat(now.anchors, now.anchor_biases)
    return values * unpruned(now)


@pytest.mark.parametrize("rewind", [Reset(), Late(step=7), Onward(), Reinit()])
@pytest.mark.parametrize("biases", [False, True])
def test_survivors_start_where_the_rule_says(rewind: Reset, biases: bool, starts: dict, tmp_path: Path) -> None:
    job = small_job(tmp_path, restart=rewind, biases=biases, bias_init="normal")
    run(job)
    for place, seed in enumerate(job.seeds):
        chain = tickets(job, seed)
        for before, now in pairwise(chain):
            np.testing.assert_array_equal(starts[now.level][place], expected_start(job, before, now, place))


def test_late_rewinding_goes_on_with_the_data_at_step_k(tmp_path: Path) -> None:
    """Level 1 is a plain loop from the anchor over the batches from step 6 on: four batches an epoch, the first half
    of the second epoch left out."""
    job = small_job(tmp_path, (12,), 1, precision="float64", restart=Late(step=6), seeds=(4,))
    run(job)
    ticket = tickets(job, 4)[1]
    model, (train_losses, val_losses, accuracies) = plain_level(job, ticket, skipped=6)
    assert len(ticket.epochs) == len(val_losses)
    np.testing.assert_allclose(ticket.epochs, np.stack([train_losses, val_losses, accuracies], axis=1), rtol=1e-7)
    linears = [module for module in model if isinstance(module, nn.Linear)]
    for linear, weight, bias in zip(linears, ticket.weights, ticket.biases, strict=True):
        np.testing.assert_allclose(linear.weight.detach().numpy(), weight, atol=1e-9)
        np.testing.assert_allclose(linear.bias.detach().numpy(), bias, atol=1e-9)


@pytest.mark.parametrize("name", ["even batches", "a last batch of 8", "batches of 60"])
def test_every_epoch_is_measured_as_a_plain_loop_measures(name: str, tmp_path: Path) -> None:
    sizes = {"even batches": (192, 64), "a last batch of 8": (200, 64), "batches of 60": (203, 60)}
    samples, batch = sizes[name]
    dataset = moons_circles(n_train=samples, n_val=177)
    job = small_job(tmp_path, (12, 7), 0, precision="float64", seeds=(3, 4), dataset=dataset, batch_size=batch)
    run(job)
    (ticket,) = tickets(job, 4)
    _, measured = plain_level(job, ticket, skipped=0)
    np.testing.assert_allclose(ticket.epochs, np.stack(measured, axis=1), rtol=1e-8)


def plain_level(job: Job, ticket: Ticket, skipped: int) -> tuple[nn.Sequential, tuple[list[float], ...]]:
    """Train the ticket from its anchor in a plain loop: the model, and per epoch train loss, val loss, val accuracy."""
    model = network(job, ticket.seed)
    linears = [module for module in model if isinstance(module, nn.Linear)]
    masks = [torch.from_numpy(mask).double() for mask in ticket.masks]
    for linear, mask, weight, bias in zip(linears, masks, ticket.anchors, ticket.anchor_biases, strict=True):
        linear.weight.data, linear.bias.data = torch.from_numpy(weight) * mask, torch.from_numpy(bias)
    optimizer, stream = torch.optim.Adam(model.parameters(), lr=1e-3), generator(ticket.seed, "batches", ticket.level)
    x, y, xv, yv = (
        torch.from_numpy(part).double() for split in (job.dataset.train, job.dataset.val) for part in (split.x, split.y)
    )
    found: tuple[list[float], ...] = ([], [], [])
    while len(found[1]) - 1 - int(np.argmin(found[1] or [0])) < job.stopping.patience:
        if len(found[1]) == job.stopping.max_epochs:
            break
        total, seen = 0.0, 0
        for batch in torch.randperm(len(x), generator=stream).split(job.batch_size):
            if skipped:
                skipped -= 1
                continue
            optimizer.zero_grad()
            loss = loss_of(model(x[batch]), y[batch], job)
            loss.backward()
            for linear, mask in zip(linears, masks, strict=True):
                assert linear.weight.grad is not None
                linear.weight.grad *= mask
            optimizer.step()
            total, seen = total + loss.item() * len(batch), seen + len(batch)
        if not seen:
            continue
        logits = model(xv).detach()
        measured = total / seen, float(loss_of(logits, yv, job)), float(((logits > 0) == (yv > 0)).double().mean())
        for curve, value in zip(found, measured, strict=True):
            curve.append(value)
    return model, found


CRITERIA = (LargeInit(), Magnitude(), MagnitudeIncrease(), Movement(), Random(), SmallFinal())


@pytest.mark.parametrize("scope", ["global", "layerwise"])
@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: type(criterion).__name__)
def test_nothing_comes_back_whatever_the_criterion(criterion: Criterion, scope: str, tmp_path: Path) -> None:
    job = small_job(tmp_path, criterion=criterion, scope=scope, levels=4, stopping=StoppingRule(9, 1), seeds=(0, 1))
    run(job)
    for seed in job.seeds:
        chain = tickets(job, seed)
        assert [sum(int(mask.sum()) for mask in ticket.masks) for ticket in chain] == list(job.keeps)
        for before, now in pairwise(chain):
            assert not (unpruned(now) & ~unpruned(before)).any()
            shares = [mask.mean() for mask in now.masks]
            assert scope == "global" or max(shares) - min(shares) < 0.05
