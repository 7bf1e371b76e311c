"""What a worker is given to train."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import Optimizer

from lth.data.dataset import Dataset
from lth.method.clock.clock import Segment, aimed
from lth.method.layout import Layout
from lth.method.method import Method
from lth.method.stopping import StoppingRule
from lth.stack.recipe import Recipe
from lth.ticket import Expected
from lth.ticket.status import DegradeOn
from lth.training.origin import Origin


@dataclass(frozen=True, eq=False)
class Job:
    """Some seeds of one stack, from `first_level` to the end: all that a worker needs to train them; it pickles.

    `keeps` are the prunable parameters left at each level 0..L. `first_level` above 0 goes on from the tickets of the
    level before, which lie in `folder`. `optimizer` makes an optimiser from parameters. With an `origin` the values to
    start from are those of another run.
    """

    folder: Path
    seeds: tuple[int, ...]
    config_hash: str
    dataset: Dataset
    hidden: tuple[int, ...]
    init: str
    bias_init: str
    keeps: tuple[int, ...]
    method: Method
    optimizer: Callable[[list[Tensor]], Optimizer]
    stopping: StoppingRule
    restore_best: bool
    batch_size: int
    precision: str
    accelerator: str
    tf32: bool
    degrade_on: DegradeOn
    cut_limit: int
    first_level: int = 0
    origin: Origin | None = None

    @property
    def widths(self) -> tuple[int, ...]:
        """Neurons per layer, from the inputs to the outputs."""
        return (self.dataset.inputs, *self.hidden, self.dataset.outputs)

    @property
    def batches(self) -> int:
        """The steps of one epoch."""
        samples = len(self.dataset.train)
        return ceil(samples / min(self.batch_size, samples))

    @property
    def levels(self) -> int:
        """The number of prunings L; levels run from 0 to L."""
        return len(self.keeps) - 1

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The segments of the run, by the method's clock."""
        return aimed(self.method.clock.segments(self.keeps))

    @property
    def expected(self) -> Expected:
        """What its tickets must be like."""
        open_ = self.method.criterion.open
        return Expected(self.widths, self.dataset.tasks, self.keeps, self.method.biases, self.precision, open_)

    @property
    def dtype(self) -> torch.dtype:
        """The type of the weights in training."""
        return {"float32": torch.float32, "float64": torch.float64}[self.precision]

    @property
    def recipe(self) -> Recipe:
        """How each seed is trained within a segment."""
        method = self.method
        # No dense level has more steps; drawing the orders of a step far beyond them would take for ever.
        step = min(method.restart.step, self.stopping.max_epochs * self.batches)
        return Recipe(
            dataset=self.dataset, layout=Layout(self.widths), batch_size=self.batch_size, dtype=self.dtype,
            optimizer=self.optimizer, stopping=self.stopping, penalty=method.penalty, step=method.step,
            effective=method.effective, restore_best=self.restore_best, anchor_step=step,
            carried=method.restart.carried or method.clock.watches, learning_rate=method.learning_rate,
        )  # fmt: skip
