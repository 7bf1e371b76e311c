"""Seeds trained side by side by PyTorch, dense and masked: for GPUs, for machines without a compiler, and as reference.

On a CPU each seed is a stack of its own, so that its bits are its own. On a GPU kernels may change with the number of
seeds, and so may a seed's last bits.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from lth.method.state import State
from lth.method.stopping import Stopping
from lth.stack.device import DeviceSamples
from lth.stack.epoch import Best, Epoch
from lth.stack.optimizers import replayable
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.replay import replayed
from lth.stack.state import is_memory, put
from lth.stack.training import Training

GPU_EPOCHS = 8  # a GPU goes on for so long by itself before the host looks which seeds are over


class Batched(Training):
    """R seeds as one batch; those whose segment is over are taken out between visits."""

    def __init__(self, samples: DeviceSamples, recipe: Recipe, state: State, members: Sequence[Member]) -> None:
        self.members = list(members)
        self._samples, self._recipe, self._state = samples, recipe, state
        self._streams = [member.stream("batches") for member in members]
        self._noise = [member.stream("method") for member in members]
        # Where there are factors, seeds are alone: each may stand at another step of the schedule.
        steps = int(state["steps"][members[0].place]) if "steps" in state else 0
        self._factors = recipe.factors(members[0], steps)
        self._measured: list[list[np.ndarray]] = [[] for _ in members]
        self._dense, self._steps, self._taken = members[0].level == 0, 0, 0
        self._batches = -(-len(samples.x) // recipe.batch_size)
        self._skipped = recipe.anchor_step if members[0].skips else 0
        self.stopping = Stopping(recipe.stopping_of(members[0]), len(members), samples.x.device)
        mine = {name: tensor[[member.place for member in members]].clone() for name, tensor in state.items()}
        memory = {name: tensor for name, tensor in mine.items() if is_memory(name)}
        rows = {name: tensor for name, tensor in mine.items() if name not in memory}
        best = {name: rows[name].clone() for name in recipe.trained} if recipe.restore_best else {}
        self._prepare(rows, best, memory)

    def visit(self) -> list[Finished]:
        """Train every seed for an epoch, on a GPU for several, and take out those whose segment is over."""
        if not self.members:
            return []
        epochs = GPU_EPOCHS if self._on_gpu else 1
        for _ in range(self._skipped // self._batches):
            self._draw()
        first, self._skipped = self._skipped % self._batches, 0
        before = self.stopping.epochs.tolist()
        found = [self._epoch(self._draw(), first if epoch == 0 else 0) for epoch in range(epochs)]
        numbers = torch.stack(found).cpu().numpy()
        for place, trained in enumerate(self.stopping.epochs.tolist()):
            self._measured[place] += list(numbers[: trained - before[place], place])
        over = self.stopping.over.tolist()
        return self._leave([place for place, ended in enumerate(over) if ended]) if any(over) else []

    def epochs(self) -> int:
        """See Training."""
        return len(self._measured[0]) if self._measured else 0

    def losses(self) -> list[float]:
        """See Training."""
        return [float(of[-1][1].mean()) for of in self._measured if of]

    @property
    def _on_gpu(self) -> bool:
        return self._samples.x.device.type == "cuda"

    def _prepare(self, rows: State, best: Best, memory: State) -> None:
        """Buffers for the seeds there are now, and an optimiser that remembers this."""
        self._device = Epoch(
            self._samples, self._recipe, rows, best, memory, self.stopping,
            noise=self._noise, factors=self._factors, dense=self._dense, holds=self._on_gpu,
        )  # fmt: skip
        self._replay: Callable[[], None] | None = None

    def _draw(self) -> Tensor:
        return torch.stack([torch.randperm(len(self._samples.x), generator=stream) for stream in self._streams])

    def _epoch(self, order: Tensor, first: int) -> Tensor:
        """One epoch of every seed, without waiting for the device; (R, 3, T), a copy."""
        device, anchor = self._device, self._recipe.anchor_step
        # From memory that is pinned, a GPU fetches it by itself, and the host draws the next order meanwhile.
        device.order.copy_(order.pin_memory() if device.order.is_cuda else order, non_blocking=True)
        steps = self._batches - first
        early = self._dense and self._steps < anchor
        work = partial(device.run, first, self._steps, self._taken)
        unusual = first or early or "steps" in device.rows
        if not self._on_gpu or unusual or not device.optimizer.state or not replayable(device.optimizer):
            work(anchor - self._steps if early and anchor <= self._steps + steps else None)
        else:
            self._replay = self._replay or replayed(work, device.optimizer)
            self._replay()
        self._steps += steps
        self._taken += steps
        return device.result.clone()

    def _leave(self, over: Sequence[int]) -> list[Finished]:
        """Hand over the seeds at these places and go on with the rest in smaller buffers."""
        device, memory = self._device, self._device.memory()
        finished, seeds = [self._finish(place, memory) for place in over], len(self.members)
        left = [place for place in range(len(self.members)) if place not in over]
        index = torch.tensor(left, dtype=torch.int64, device=device.order.device)
        for name in ("members", "_streams", "_noise", "_measured"):
            setattr(self, name, [getattr(self, name)[place] for place in left])
        if left:
            self.stopping.select(index)
            rows, best, memory = (
                {name: _of_seeds(tensor.detach(), index, seeds) for name, tensor in of.items()}
                for of in (device.rows, device.best, memory)
            )
            self._prepare(rows, best, memory)
        return finished

    def _finish(self, place: int, memory: State) -> Finished:
        recipe, member, rows = self._recipe, self.members[place], self._device.rows
        finished = Finished.of(member.place, np.stack(self._measured[place]), recipe.restore_best)
        for trained, best in self._device.best.items():
            rows[trained][place] = best[place]
        for name, tensor in rows.items():
            if name in self._state:
                self._state[name][member.place] = tensor[place]
        if recipe.carried:
            for name, value in memory.items():
                put(self._state, member.place, name, value[place] if value.ndim == 2 else value)
        return finished


def _of_seeds(value: Tensor, index: Tensor, seeds: int) -> Tensor:
    return value.index_select(0, index) if value.ndim and len(value) == seeds else value
