"""Who trains the seeds of a stack: the kernel, a seed at a time or a step at a time, or PyTorch."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from lth.data.dataset import Split
from lth.method.state import State
from lth.stack import kernel
from lth.stack.device import DeviceSamples
from lth.stack.kernel.alone import Alone
from lth.stack.kernel.binding import Course, Options, Run, Samples
from lth.stack.kernel.steps import Steps
from lth.stack.optimizers import options_of, still
from lth.stack.recipe import Member, Recipe
from lth.stack.reference import measure_split
from lth.stack.torch import Batched
from lth.stack.training import Training, Untrained


def in_one_batch(device: torch.device) -> bool:
    """Whether PyTorch trains the seeds of a stack as one batch there; on a CPU their bits would not be their own."""
    return device.type != "cpu"


class Trainers:
    """Begins segments on one device; what all segments need, the samples above all, is made once."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self._recipe, self._device = recipe, device
        self._library = kernel.library() if device.type == "cpu" else None

    def begin(self, state: State, members: Sequence[Member]) -> list[Training]:
        """The trainings of these seeds, which write into the state as they end."""
        self._add_own(state)
        if any(member.epochs == 0 for member in members):
            return [Untrained(self._recipe, members)]
        if self._library is not None:
            return [self._with_kernel(state, members)]
        # Where seeds have steps of their own, each is a stack of its own.
        alike = not self._recipe.carried and self._recipe.learning_rate is None
        groups = [members] if alike and in_one_batch(self._device) else [[member] for member in members]
        return [Batched(self._on_device, self._recipe, state, group) for group in groups]

    def measure(self, row: torch.Tensor, mask: torch.Tensor, split: Split) -> np.ndarray:
        """(2, T) losses and accuracies of one seed's parameters (size,) on any samples, by PyTorch."""
        return measure_split(self._recipe.layout, row * mask, split, self._recipe.dataset.tasks)

    def measure_test(self, row: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
        """(2, T) losses and accuracies of one seed's parameters (size,) on the test part."""
        recipe = self._recipe
        if self._library is None:
            return measure_split(recipe.layout, row * mask, recipe.dataset.test, recipe.dataset.tasks)
        course = Course(Options(rule=0), 0, 1, 1)
        return Run(self._samples, recipe.layout.widths, mask.numpy(), row.numpy(), course).measure(1)

    def _add_own(self, state: State) -> None:
        """What a method keeps of its own about every seed, where it is not there yet."""
        recipe, own = self._recipe, {}
        if recipe.step is not None:
            own |= recipe.step.begin(state["weight"])
            _check_rows(own, state["weight"])
        if recipe.effective is not None:
            own |= recipe.effective.begin(state["weight"], recipe.layout)
        if not recipe.plain or recipe.learning_rate is not None:
            own["steps"] = torch.zeros(len(state["weight"]), dtype=torch.int64, device=self._device)
        for name, values in own.items():
            state.setdefault(name, values)

    def _with_kernel(self, state: State, members: Sequence[Member]) -> Training:
        recipe = self._recipe
        if recipe.plain and self._options is not None:
            return Alone(self._samples, recipe, self._options, state, members, self._still)
        return Steps(self._samples, recipe, self._options, state, members)

    @cached_property
    def _options(self) -> Options | None:
        return options_of(self._recipe.optimizer)

    @cached_property
    def _still(self) -> bool:
        return still(self._recipe.optimizer, self._recipe.carried)

    @cached_property
    def _samples(self) -> Samples:
        assert self._library is not None
        data, dtype = self._recipe.dataset, torch.zeros((), dtype=self._recipe.dtype).numpy().dtype
        return Samples(self._library, data.tasks, data.train, [data.val, data.test], self._recipe.batch_size, dtype)

    @cached_property
    def _on_device(self) -> DeviceSamples:
        return DeviceSamples.of(self._recipe.dataset, self._recipe.dtype, self._device)


def _check_rows(own: State, weight: torch.Tensor) -> None:
    """Raise ValueError unless all that a step keeps can be cut, padded and stored as rows are."""
    for name, values in own.items():
        if values.shape not in (weight.shape, weight.shape[:1]):
            shape, allowed = tuple(values.shape), tuple(weight.shape)
            raise ValueError(f"the step's {name} has the shape {shape}: must be (R, size), here {allowed}, or (R,)")
