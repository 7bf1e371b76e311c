"""Levels under a schedule of the learning rate, by every path that trains, against torch.optim.lr_scheduler."""

from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam, NAdam
from torch.optim.lr_scheduler import LambdaLR

from lth.method.clock.every_epoch import EveryEpoch
from lth.method.learning_rate.milestones import Milestones
from lth.method.restart.late import Late
from lth.method.restart.learning_rate import LearningRateRewinding
from lth.method.restart.onward import Onward
from lth.method.restart.reset import Reset
from lth.method.stopping import StoppingRule
from lth.randomness import generator
from lth.ticket import Ticket
from lth.training.job import Job
from tests.small_jobs import flat, run, small_job, tickets, unpruned, without_kernel
from tests.training.test_against_torch import loss_of, network
from tests.training.test_hooks import Flips
from tests.training.test_stack_of_seeds import assert_same_bits

WARM, DROPS, GAMMA, BATCHES = 6, (2, 4), 0.3, 4
SCHEDULE = Milestones(WARM, DROPS, GAMMA)
# The kernel's whole epochs, its single steps, single steps with torch's optimiser, and PyTorch's path.
PATHS = {
    "kernel": {"optimizer": partial(Adam, lr=0.02)},
    "steps": {"optimizer": partial(Adam, lr=0.02), "step": Flips()},
    "own optimiser": {"optimizer": partial(NAdam, lr=0.02)},
    "torch": {"optimizer": partial(SGD, lr=0.2, momentum=0.9)},
}


def trained(folder: Path, path: str, levels: int = 1, **changes: object) -> Job:
    parts = {**PATHS[path], "learning_rate": SCHEDULE, "stopping": StoppingRule(6, 6), **changes}
    job = small_job(folder, (9,), levels, precision="float64", seeds=(3, 5), **parts)
    with without_kernel() if path == "torch" else nullcontext():
        run(job)
    return job


def plain_level(job: Job, ticket: Ticket, values: np.ndarray, skipped: int) -> np.ndarray:
    """What a plain loop with torch's schedulers makes of these values (size,) under the ticket's mask."""
    model = network(job, ticket.seed)
    mask = torch.from_numpy(unpruned(ticket)).double()
    nn.utils.vector_to_parameters(torch.from_numpy(values) * mask, model.parameters())
    optimizer = job.optimizer(list(model.parameters()))
    # As one function: LambdaLR, stepped beside MultiStepLR, would undo its drops.
    scheduler = LambdaLR(optimizer, lambda t: min(1.0, (t + 1) / WARM) * GAMMA ** sum(t >= BATCHES * e for e in DROPS))
    stream = generator(ticket.seed, "batches", ticket.level)
    x, y = (torch.from_numpy(part).double() for part in (job.dataset.train.x, job.dataset.train.y))
    masks, step = mask.split([parameter.numel() for parameter in model.parameters()]), 0
    while step < skipped + BATCHES * job.stopping.max_epochs - skipped % BATCHES:
        for batch in torch.randperm(len(x), generator=stream).split(job.batch_size):
            step += 1
            if step > skipped:
                optimizer.zero_grad()
                loss_of(model(x[batch]), y[batch], job).backward()
                for parameter, part in zip(model.parameters(), masks, strict=True):
                    parameter.grad *= part.view_as(parameter)  # type: ignore[operator]
                optimizer.step()
            scheduler.step()
    return nn.utils.parameters_to_vector(model.parameters()).detach().numpy()


RESTARTS = [Reset(), Late(step=7), Late(step=8), LearningRateRewinding(), LearningRateRewinding(step=7)]


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step:UserWarning")  # before the first step taken
@pytest.mark.parametrize("restart", RESTARTS, ids=repr)
@pytest.mark.parametrize("path", PATHS)
def test_a_level_is_a_loop_with_torchs_schedulers(path: str, restart: Reset, tmp_path: Path) -> None:
    job = trained(tmp_path, path, restart=restart)
    for seed in job.seeds:
        dense, pruned = tickets(job, seed)
        initial = nn.utils.parameters_to_vector(network(job, seed).parameters()).detach().numpy()
        found = plain_level(job, dense, initial, 0)
        np.testing.assert_allclose(flat(dense.weights, dense.biases), found, rtol=1e-7, atol=1e-9)
        start = (dense.weights, dense.biases) if not restart.rewinds else (dense.anchors, dense.anchor_biases)
        found = plain_level(job, pruned, flat(*start), restart.step)
        np.testing.assert_allclose(flat(pruned.weights, pruned.biases), found, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("path", PATHS)
def test_without_replaying_the_schedule_goes_on(path: str, tmp_path: Path) -> None:
    """Parts of a level, and levels that go on, are one walk through the schedule."""
    clock = EveryEpoch(every=2, prunings=2)
    stop = StoppingRule(2, 2)
    stepwise, rate_free = (
        trained(tmp_path / name, path, 1, clock=clock, restart=Onward(carried=True), stopping=stop, learning_rate=rate)
        for name, rate in (("schedule", SCHEDULE), ("drops later", Milestones(WARM, (2, 5), GAMMA)))
    )
    for seed in stepwise.seeds:
        early, late = tickets(stepwise, seed)
        same, other = tickets(rate_free, seed)
        np.testing.assert_array_equal(flat(early.weights, early.biases), flat(same.weights, same.biases))
        assert len(late.epochs) == 4
        np.testing.assert_array_equal(late.epochs[:2], other.epochs[:2])
        assert not np.array_equal(late.epochs[2:], other.epochs[2:]), "epoch 4 is where the schedules part"


@pytest.mark.parametrize("path", PATHS)
def test_a_resumed_run_is_the_uninterrupted_one(path: str, tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole", path, 2, restart=Onward())
    cut = replace(whole, folder=tmp_path / "cut", keeps=whole.keeps[:2])
    with without_kernel() if path == "torch" else nullcontext():
        run(cut)
        ticket_of_last_level_lacks_state = replace(cut, keeps=whole.keeps, first_level=1)
        run(ticket_of_last_level_lacks_state)
    for seed in whole.seeds:
        assert_same_bits(whole, replace(cut, keeps=whole.keeps), seed)


@pytest.mark.parametrize("path", PATHS)
def test_learning_rate_rewinding_keeps_values_and_replays(path: str, tmp_path: Path) -> None:
    """From step 0 its level is trained as the dense one was; going on instead, at the end of the schedule, is not."""
    replayed = trained(tmp_path / "replayed", path, restart=LearningRateRewinding())
    onward = trained(tmp_path / "onward", path, restart=Onward())
    for seed in replayed.seeds:
        (a, b), (c, d) = tickets(replayed, seed), tickets(onward, seed)
        np.testing.assert_array_equal(flat(a.weights, a.biases), flat(c.weights, c.biases))
        assert all(map(np.array_equal, b.masks, d.masks))
        moved = [np.abs(flat(t.weights, t.biases) - flat(a.weights, a.biases) * unpruned(t)).sum() for t in (b, d)]
        assert moved[0] > 2 * moved[1]
