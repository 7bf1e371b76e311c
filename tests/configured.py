"""Small runs from a configuration, as the command line composes them, and the same in plain PyTorch."""

from functools import cache
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf
from torch import Tensor, nn

from lth.command.compose import compose
from lth.jobs.plan import Plan, prepare
from lth.jobs.split import job_of
from lth.randomness import generator
from lth.ticket import Ticket
from lth.training.job import Job
from tests.small_jobs import run, tickets
from tests.training.test_against_torch import loss_of, network

SMALL = (
    "tracking=off", "pruning/schedule=geometric", "pruning.schedule.rate=.4", "pruning.schedule.levels=1",
    "model.hidden=6", "trainer.precision=float64", "trainer.max_epochs=3", "trainer.batch_size=16",
    "dataset.n_train=40", "dataset.n_val=20", "dataset.n_test=20",
)  # fmt: skip


@cache
def composed(*overrides: str) -> dict[str, Any]:
    """The plain configuration of a run of two levels that takes less than a second, with these overrides."""
    config = compose([*SMALL, *overrides])
    own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    plain = OmegaConf.to_container(own, resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def plan_of(folder: Path, *overrides: str, **groups: Any) -> Plan:
    """The plan of that configuration, with these groups replaced."""
    return prepare({**composed(*overrides), **groups}, folder)


def trained(plan: Plan) -> tuple[Job, dict[int, list[Ticket]]]:
    """Train the plan in this process: its job, and the tickets of every seed."""
    job = job_of(plan, "cpu")
    run(job)
    return job, {seed: tickets(job, seed) for seed in job.seeds}


def plain_level(job: Job, ticket: Ticket, optimizer: torch.optim.Optimizer, model: nn.Sequential) -> None:
    """Train the model from the ticket's anchor under its masks for all its epochs, the optimiser given and fresh."""
    linears = [module for module in model if isinstance(module, nn.Linear)]
    masks = [torch.from_numpy(mask).double() for mask in ticket.masks]
    for linear, mask, weight, bias in zip(linears, masks, ticket.anchors, ticket.anchor_biases, strict=True):
        linear.weight.data.copy_(torch.from_numpy(weight) * mask)
        linear.bias.data.copy_(torch.from_numpy(bias))
    x, y = (torch.from_numpy(part).double() for part in (job.dataset.train.x, job.dataset.train.y))
    stream = generator(ticket.seed, "batches", ticket.level)
    for _ in range(len(ticket.epochs)):
        for batch in torch.randperm(len(x), generator=stream).split(job.batch_size):
            optimizer.zero_grad(set_to_none=False)
            loss_of(model(x[batch]), y[batch], job).backward()
            for linear, mask in zip(linears, masks, strict=True):
                assert linear.weight.grad is not None
                linear.weight.grad *= mask
            optimizer.step()


def plain_weights(job: Job, ticket: Ticket, make: Any) -> list[Tensor]:
    """The weights and biases that plain PyTorch trains for this ticket, layer by layer, `make` making the optimiser."""
    model = network(job, ticket.seed)
    plain_level(job, ticket, make(list(model.parameters())), model)
    return [parameter.detach() for parameter in model.parameters()]


def kept_of(ticket: Ticket) -> list[Tensor]:
    """The ticket's weights and biases, layer by layer."""
    pairs = zip(ticket.weights, ticket.biases, strict=True)
    return [torch.from_numpy(array) for pair in pairs for array in pair]
