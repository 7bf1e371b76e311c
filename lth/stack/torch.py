"""Seeds trained side by side by PyTorch, dense and masked: for GPUs, for machines without a compiler, and as reference.

On a CPU each seed is a stack of its own, so that its bits are its own. On a GPU kernels may change with the number of
seeds, and so may a seed's last bits.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from lth.data import measure
from lth.method.forward import forward
from lth.method.state import State
from lth.method.stopping import Stopping
from lth.stack.device import DeviceSamples
from lth.stack.memory import rates, recall, remember, scale
from lth.stack.optimizers import replayable
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.reference import measured
from lth.stack.replay import replayed
from lth.stack.state import is_memory, put
from lth.stack.training import Training

GPU_EPOCHS = 8  # a GPU goes on for so long by itself before the host looks which seeds are over


class Batched(Training):
    """R seeds as one batch; those whose segment is over are taken out between visits."""

    def __init__(self, samples: DeviceSamples, recipe: Recipe, state: State, members: Sequence[Member]) -> None:
        self.members = list(members)
        self._samples, self._recipe, self._state = samples, recipe, state
        places = [member.place for member in members]
        mine = {name: tensor[places].clone() for name, tensor in state.items()}
        memory = {name: tensor for name, tensor in mine.items() if is_memory(name)}
        self._rows = {name: tensor for name, tensor in mine.items() if name not in memory}
        self._best = {name: self._rows[name].clone() for name in recipe.trained} if recipe.restore_best else {}
        self._streams = [member.stream("batches") for member in members]
        self._noise = [member.stream("method") for member in members]
        # Where there are factors, seeds are alone: each may stand at another step of the schedule.
        steps = int(state["steps"][members[0].place]) if "steps" in state else 0
        self._factors = recipe.factors(members[0], steps)
        self._measured: list[list[np.ndarray]] = [[] for _ in members]
        self._dense, self._steps = members[0].level == 0, 0
        self._batches = -(-len(samples.x) // recipe.batch_size)
        self._skipped, self._taken = recipe.anchor_step if members[0].skips else 0, 0
        self.stopping = Stopping(recipe.stopping_of(members[0]), len(members), samples.x.device)
        self._prepare(memory)

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

    def _prepare(self, memory: State) -> None:
        """Optimiser, which remembers this, and buffers for the seeds there are now."""
        self._parameters = {name: torch.nn.Parameter(self._rows[name]) for name in self._recipe.trained}
        self._optimizer = self._recipe.optimizer(list(self._parameters.values()))
        recall(self._optimizer, self._parameters, memory)
        self._rates = rates(self._optimizer)
        self._is_weight = self._recipe.layout.is_weight(self._recipe.layout.size).to(self._samples.x.device)
        self._factor = self._rows["mask"].to(self._rows["weight"].dtype)
        dense = self._recipe.effective is not None and self._recipe.effective.dense
        self._used = torch.ones_like(self._factor) if dense else self._factor  # whether pruned weights take part
        self._order = torch.zeros(
            len(self.members), len(self._samples.x), dtype=torch.int64, device=self._factor.device
        )
        self._result = torch.zeros(len(self.members), 3, len(self._recipe.dataset.tasks), dtype=torch.float64,
                                   device=self._factor.device)  # fmt: skip
        self._replay: Callable[[], None] | None = None

    def _draw(self) -> Tensor:
        return torch.stack([torch.randperm(len(self._samples.x), generator=stream) for stream in self._streams])

    def _epoch(self, order: Tensor, first: int) -> Tensor:
        """One epoch of every seed, without waiting for the device; (R, 3, T), a copy."""
        self._order.copy_(order, non_blocking=True)
        steps, anchor = self._batches - first, self._recipe.anchor_step
        early = self._dense and self._steps < anchor
        anchors = early and anchor <= self._steps + steps
        unusual = first or early or "steps" in self._rows
        if not self._on_gpu or unusual or not self._optimizer.state or not replayable(self._optimizer):
            self._whole_epoch(first, anchor - self._steps if anchors else None)
        else:
            self._replay = self._replay or replayed(self._whole_epoch, self._optimizer)
            self._replay()
        self._steps += steps
        return self._result.clone()

    def _whole_epoch(self, first: int = 0, anchor_after: int | None = None) -> None:
        """All of an epoch that is on the device: nothing here asks it for a value."""
        rest = self._at_rest() if self._on_gpu else []
        sums = torch.zeros_like(self._result[:, 0])
        seen = 0
        for batch in range(first, self._batches):
            which = self._order[:, batch * self._recipe.batch_size : (batch + 1) * self._recipe.batch_size]
            sums += self._step(which) * which.shape[1]
            seen += which.shape[1]
            if batch + 1 - first == anchor_after:
                self._rows["anchor"].copy_(self._going_on(self._rows["weight"], self._rows["anchor"]))
        tasks, samples = self._recipe.dataset.tasks, self._samples
        held = measured(self._recipe.layout, self._shown() * self._used, samples.held_x, samples.held_y, tasks)
        self._result.copy_(torch.cat([sums[:, None] / seen, held], dim=1))
        going_on = ~self.stopping.over
        # 0 x inf is not a number: a training loss that is not finite ends the segment as well.
        self.stopping.update((self._result[:, 1] + 0 * self._result[:, 0]).mean(dim=1))
        for name, best in self._best.items():
            best.copy_(torch.where(self.stopping.improved[:, None], self._rows[name], best))
        if self._dense and anchor_after is None and self._recipe.anchor_step > self._steps:
            # Over before the step was reached: the anchor is what was trained.
            self._rows["anchor"].copy_(torch.where(going_on[:, None], self._rows["weight"], self._rows["anchor"]))
        for now, before in rest:
            going = going_on.reshape(-1, *[1] * (now.ndim - 1)) if now.ndim else going_on.any()
            now.copy_(torch.where(going, now.to(going.device), before.to(going.device)))  # some count steps on the host

    def _at_rest(self) -> list[tuple[Tensor, Tensor]]:
        """Everything that an epoch may change, and as it is: a seed that is over before the host looks stays so."""
        memory = [value for of in self._optimizer.state.values() for value in of.values() if isinstance(value, Tensor)]
        return [(tensor.detach(), tensor.detach().clone()) for tensor in [*self._rows.values(), *memory]]

    def _shown(self) -> Tensor:
        effective = self._recipe.effective
        return self._rows["weight"] if effective is None else effective.measured(self._rows, self._recipe.layout)

    def _step(self, which: Tensor) -> Tensor:
        """One step on the samples `which` (R, batch); the losses (R, T) before it."""
        recipe, parameters = self._recipe, self._parameters
        effective, layout = recipe.effective, recipe.layout
        with torch.enable_grad():
            rows = {**self._rows, **parameters}
            weight = rows["weight"] if effective is None else effective.weights(rows, layout, self._noise)
            logits = forward(layout, weight * self._used, self._samples.x[which])
            losses = measure.losses(logits, self._samples.y[which].transpose(1, 2), recipe.dataset.tasks)
            total = losses.mean(dim=1)
            penalty = recipe.penalised(rows, weight, self._rows["mask"] & self._is_weight)
            total = total if penalty is None else total + penalty
            gradients = torch.autograd.grad(
                total.sum(), list(parameters.values()), allow_unused=True, materialize_grads=True
            )
        with torch.no_grad():
            pairs = zip(parameters, gradients, strict=True)
            found = [gradient * self._factor if recipe.held(name) else gradient for name, gradient in pairs]
            before = self._rows["weight"].clone() if recipe.step is not None else None
            if recipe.step is not None:
                recipe.step.before(self._rows, found[0], layout, self._noise)
                found[0] *= self._factor
            for parameter, gradient in zip(parameters.values(), found, strict=True):
                parameter.grad = gradient
            scale(self._optimizer, self._rates, self._factors, self._taken)
            self._optimizer.step()
            self._taken += 1
            self._rows["weight"] *= self._factor
            if recipe.step is not None and before is not None:
                recipe.step.after(self._rows, before, layout)
            if "steps" in self._rows:
                self._rows["steps"] += 1
        return losses.detach().double()

    def _going_on(self, values: Tensor, otherwise: Tensor) -> Tensor:
        return torch.where(self.stopping.over[:, None], otherwise, values)

    def _leave(self, over: Sequence[int]) -> list[Finished]:
        """Hand over the seeds at these places and go on with the rest in smaller buffers."""
        memory = remember(self._optimizer, self._parameters)
        finished, seeds = [self._finish(place, memory) for place in over], len(self.members)
        left = [place for place in range(len(self.members)) if place not in over]
        index = torch.tensor(left, dtype=torch.int64, device=self._factor.device)
        for name in ("members", "_streams", "_noise", "_measured"):
            setattr(self, name, [getattr(self, name)[place] for place in left])
        if left:
            self._rows = {name: tensor.detach().index_select(0, index) for name, tensor in self._rows.items()}
            self._best = {name: best.index_select(0, index) for name, best in self._best.items()}
            self.stopping.select(index)
            self._prepare({name: _of_seeds(value, index, seeds) for name, value in memory.items()})
        return finished

    def _finish(self, place: int, memory: State) -> Finished:
        recipe, member = self._recipe, self.members[place]
        found = np.stack(self._measured[place])
        finished = Finished.of(member.place, found, recipe.restore_best)
        for trained, best in self._best.items():
            self._rows[trained][place] = best[place]
        for name, tensor in self._rows.items():
            if name in self._state:
                self._state[name][member.place] = tensor[place]
        if recipe.carried:
            for name, value in memory.items():
                put(self._state, member.place, name, value[place] if value.ndim == 2 else value)
        return finished


def _of_seeds(value: Tensor, index: Tensor, seeds: int) -> Tensor:
    return value.index_select(0, index) if value.ndim == 2 and len(value) == seeds else value
