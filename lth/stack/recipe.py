"""How a stack trains within a segment, and what a seed comes to at its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from lth.data.dataset import Dataset
from lth.method.effective.effective import Effective
from lth.method.layout import Layout
from lth.method.learning_rate.learning_rate import LearningRate
from lth.method.penalty.penalty import Penalty
from lth.method.step.step import Step
from lth.method.stopping import StoppingRule
from lth.randomness import generator


@dataclass(frozen=True, eq=False)
class Recipe:
    """How every seed of a stack is trained within a segment.

    `anchor_step`: after so many steps of its dense level a seed's values become its anchor; at later levels the order
    of the data goes on there. `carried`: the optimiser's memory goes from segment to segment.
    """

    dataset: Dataset
    layout: Layout
    batch_size: int
    dtype: torch.dtype
    optimizer: Callable[[list[Tensor]], Optimizer]
    stopping: StoppingRule
    penalty: Penalty | None = None
    step: Step | None = None
    effective: Effective | None = None
    restore_best: bool = False
    anchor_step: int = 0
    carried: bool = False
    learning_rate: LearningRate | None = None

    def factors(self, member: "Member", steps: int) -> np.ndarray:
        """What the learning rate is multiplied with at every step of a segment that may be; empty: it is constant.

        `steps` are those since the values of the seed were set.
        """
        if self.learning_rate is None:
            return np.empty(0)
        first = steps + (self.anchor_step if member.level else 0)
        batches = -(-len(self.dataset.train) // self.batch_size)
        return self.learning_rate.factors(first + np.arange(self.stopping_of(member).max_epochs * batches), batches)

    def stopping_of(self, member: "Member") -> StoppingRule:
        """When this seed's segment ends."""
        if member.epochs is None:
            return self.stopping
        return StoppingRule(patience=member.epochs, max_epochs=member.epochs)

    def penalised(self, raw: Mapping[str, Tensor], computed: Tensor, mask: Tensor) -> Tensor | None:
        """The penalty (R,) of a step whose network computes with `computed` (R, W), None where there is none."""
        if self.penalty is None:
            return None
        samples, tasks = len(self.dataset.train), len(self.dataset.tasks)
        numbers = {"batches": -(-samples // self.batch_size), "observations": samples * tasks}
        told = {name: computed.new_tensor(number, dtype=torch.float64) for name, number in numbers.items()}
        return self.penalty.penalty({**raw, **told, "computed": computed}, mask, self.layout)

    def held(self, name: str) -> bool:
        """Whether what is pruned of this trained tensor stays where it is."""
        return self.effective is None or name not in self.effective.common

    @property
    def trained(self) -> tuple[str, ...]:
        """The names of the tensors that the optimiser moves."""
        return ("weight",) if self.effective is None else self.effective.trained

    @property
    def plain(self) -> bool:
        """Whether nothing but the loss's gradient and the optimiser acts on the weights."""
        return self.penalty is None and self.step is None and self.effective is None


@dataclass(frozen=True, eq=False)
class Member:
    """One seed that starts a segment: its place in the stack, its seed, level, part, and its `epochs` where fixed."""

    place: int
    seed: int
    level: int
    part: int = 0
    epochs: int | None = None

    def stream(self, purpose: str) -> torch.Generator:
        """The seed's own stream for this purpose in this segment."""
        return generator(self.seed, f"{purpose}.{self.part}" if self.part else purpose, self.level)

    @property
    def skips(self) -> bool:
        """Whether the order of the data goes on where the anchor was taken."""
        return self.level > 0 and self.part == 0


@dataclass(frozen=True, eq=False)
class Finished:
    """A seed whose segment is over; its state holds its numbers.

    `measured` is (E, 3, T): train loss, validation loss and validation accuracy of every epoch and task. `failed` is
    set when its loss was no longer finite. `best` is the epoch whose weights the state holds, counted from 1, or 0.
    """

    place: int
    measured: np.ndarray
    failed: bool
    best: int

    @classmethod
    def of(cls, place: int, measured: np.ndarray, restore_best: bool) -> "Finished":
        """What these measurements say: whether it failed, and which epoch is kept."""
        failed, best = not np.isfinite(measured[-1:, :2]).all(), len(measured)
        if restore_best and not failed:
            best = int(measured[:, 1].mean(axis=1).argmin()) + 1
        return cls(place, measured, failed, best)
