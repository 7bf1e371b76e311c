"""Seeds packed alike that train one level side by side: visits of an epoch or more, and their leaving one by one."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lth.data.dataset import Task
from lth.method.stopping import Stopping
from lth.stack.epoch import Epoch
from lth.stack.graph import replayed
from lth.stack.packing import Packing
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.samples import HeldOutSamples, TrainingSamples
from lth.stack.stepping import replayable


class SubStack:
    """R seeds with packed rows and masks (R, size), trained until each one's level is over.

    `masks` are true wherever no weight is pruned, padding included. A seed that is over in the middle of a visit is
    remembered as it was then, whatever the device does with its row afterwards.
    """

    def __init__(
        self,
        members: Sequence[Member],
        packing: Packing,
        rows: Tensor,
        masks: Tensor,
        tasks: Sequence[Task],
        training: TrainingSamples,
        validation: HeldOutSamples,
        recipe: Recipe,
    ) -> None:
        self.members = list(members)
        self.packing, self.recipe = packing, recipe
        self._training, self._surroundings = training, (tasks, training, validation, recipe)
        self._skipped, self._steps = recipe.skipped_steps, 0
        self.stopping = Stopping(recipe.stopping, len(rows), rows.device)
        self._masks = masks
        # What a seed leaves with: its row at its end or at its best epoch, and after `captured_step`.
        self._kept, self._captured = rows.clone(), rows.clone()
        self._parameter = torch.nn.Parameter(packing.with_ones(rows))
        self._optimizer = recipe.optimizer([self._parameter])
        self._prepare()

    def _prepare(self) -> None:
        """Buffers for the seeds there are now."""
        self._epoch = Epoch(self.packing, self._optimizer, self._masks, *self._surroundings)
        shape = (self._training.batches, len(self.members), self._training.width)
        self._order = torch.zeros(shape, dtype=torch.int64, device=self._parameter.device)
        numbers = len(self.members), 3, len(self._surroundings[0])
        self._measured = torch.zeros(numbers, dtype=torch.float64, device=self._parameter.device)
        self._graph = None

    def epoch(self) -> list[Finished]:
        """Visit the device once: train every seed for an epoch or more, and take out those whose level is over."""
        if not self.members:
            return []
        streams, epochs = [member.stream for member in self.members], self.recipe.epochs_per_visit
        for _ in range(self._skipped // self._training.batches):
            self._training.draw(streams)
        first, self._skipped = self._skipped % self._training.batches, 0
        orders = [self._training.draw(streams) for _ in range(epochs)]
        before = self.stopping.epochs.tolist()
        measured = [self._one_epoch(order, first if place == 0 else 0) for place, order in enumerate(orders)]
        trained = self.stopping.epochs.tolist()
        numbers = torch.stack(measured).flatten(2).tolist()
        for place, member in enumerate(self.members):
            member.measured += [numbers[epoch][place] for epoch in range(trained[place] - before[place])]
        over = self.stopping.over.tolist()
        return self._take_out([place for place, ended in enumerate(over) if ended]) if any(over) else []

    def rows(self) -> Tensor:
        """The packed rows (R, size) as they are now, a copy."""
        return self.packing.by_seed(self._parameter.detach())

    @property
    def _on_gpu(self) -> bool:
        return self._parameter.device.type == "cuda"

    @torch.no_grad()
    def _one_epoch(self, order: Tensor, first: int) -> Tensor:
        """Train and measure, without waiting for the device; (R, 3, T), a copy."""
        self._order.copy_(order, non_blocking=True)
        batches = self._training.batches
        captures = self._steps < self.recipe.captured_step <= self._steps + batches - first
        if first or captures or not self._optimizer.state or not self._on_gpu or not replayable(self._optimizer):
            self._on_device(first, first + self.recipe.captured_step - self._steps if captures else None)
            self._graph = None  # what was recorded before the captured step would go on capturing after it
        else:
            self._graph = self._graph or replayed(self._on_device)
            self._graph()
        self._steps += batches - first
        return self._measured.clone()

    def _on_device(self, first: int = 0, captured_at: int | None = None) -> None:
        """All of an epoch that is on the device: nothing here asks it for a value."""
        self._epoch.gather(self._order)
        if captured_at is not None:
            self._epoch.train(first, captured_at)
            self._captured.copy_(self._going_on(self.rows(), self._captured))
        self._epoch.train(first if captured_at is None else captured_at, self._training.batches)
        self._measured.copy_(self._epoch.measure(first))
        going_on = ~self.stopping.over
        # 0 x inf is NaN: a training loss that is not finite ends the level as well.
        self.stopping.update((self._measured[:, 1] + 0 * self._measured[:, 0]).mean(dim=1))
        if self.recipe.captured_step > self._steps + self._training.batches - first:
            self._captured.copy_(torch.where(going_on[:, None], self.rows(), self._captured))
        kept = self.stopping.improved if self.recipe.restore_best else going_on & self.stopping.over
        if self._on_gpu or kept.any():  # only a GPU would have to wait for the answer
            self._kept.copy_(torch.where(kept[:, None], self.rows(), self._kept))

    def _going_on(self, values: Tensor, otherwise: Tensor) -> Tensor:
        return torch.where(self.stopping.over[:, None], otherwise, values)

    def _take_out(self, places: list[int]) -> list[Finished]:
        """Hand over the seeds at these places and go on with the rest in smaller buffers."""
        finished = [self._finish(place) for place in places]
        kept = [place for place in range(len(self.members)) if place not in places]
        self.members = [self.members[place] for place in kept]
        if self.members:
            self._keep(torch.tensor(kept, device=self._parameter.device))
        return finished

    def _finish(self, place: int) -> Finished:
        member = self.members[place]
        measured = np.array(member.measured).reshape(len(member.measured), 3, -1)
        failed, best = not np.isfinite(measured[-1, :2]).all(), len(measured)
        if self.recipe.restore_best and not failed:
            best = int(measured[:, 1].mean(axis=1).argmin()) + 1
        captured = self._captured[place].clone() if self.recipe.captured_step else None
        return Finished(member.name, self._kept[place].clone(), captured, measured, failed, best)

    def _keep(self, kept: Tensor) -> None:
        before, packing = self._parameter, self.packing
        after = torch.nn.Parameter(packing.by_layer(self.rows().index_select(0, kept)))
        for name, value in self._optimizer.state.pop(before, {}).items():
            if isinstance(value, Tensor) and value.shape == before.shape:
                value = packing.by_layer(packing.by_seed(value).index_select(0, kept))
            self._optimizer.state[after][name] = value
        self._optimizer.param_groups[0]["params"] = [after]
        self._parameter, self._masks = after, self._masks.index_select(0, kept)
        self._kept, self._captured = self._kept.index_select(0, kept), self._captured.index_select(0, kept)
        self.stopping.select(kept)
        self._prepare()
