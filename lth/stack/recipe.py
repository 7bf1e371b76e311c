"""How a sub-stack trains, and what it knows of each of its seeds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from lth.method.penalty.penalty import Penalty
from lth.method.stopping import StoppingRule


@dataclass(frozen=True)
class Recipe:
    """How every seed of a stack is trained within a level.

    `epochs_per_visit` is how many epochs a device goes on by itself before the host looks: results do not depend on
    it, but a device need not wait for the host.
    """

    optimizer: Callable[[list[Tensor]], Optimizer]
    stopping: StoppingRule
    penalty: Penalty | None = None
    restore_best: bool = False
    skipped_steps: int = 0  # late rewinding: the data order of a level goes on at this step
    captured_step: int = 0  # late rewinding: the anchor is what a seed holds after this step of its dense level
    epochs_per_visit: int = 1

    @cached_property
    def moves_by_gradient_alone(self) -> bool:
        """Whether the optimiser leaves a weight with zero gradient where it is; found by asking it several times."""
        # In float64, whatever trains: a decay that rounds away in one step of float32 adds up in a momentum.
        probe = torch.nn.Parameter(torch.ones(32, dtype=torch.float64))
        optimizer = self.optimizer([probe])
        for _ in range(20):
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
