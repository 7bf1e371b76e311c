"""An epoch of seeds that PyTorch trains as one batch: all that is on the device, so that it can be recorded once."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lth.data import measure
from lth.method.forward import forward
from lth.method.state import State
from lth.method.stopping import Stopping
from lth.stack.device import DeviceSamples
from lth.stack.memory import rates, recall, remember, scale
from lth.stack.recipe import Recipe
from lth.stack.reference import measured

Best = dict[str, Tensor]


class Epoch:
    """Buffers of R seeds, their optimiser, and what an epoch does with them; nothing in it asks the device for a value.

    `rows` and `best` are those of the seeds, by name; `memory` is what the optimiser remembers of them; `noise` holds a
    stream for each seed; `factors` those of the learning rate; `order` (R, samples) is written before every epoch, and
    `result` (R, 3, T) after it. `dense`: of the dense level, whose anchors may be captured on the way. `holds`: a seed
    that is over stays as it was, whatever epochs follow.
    """

    def __init__(
        self, samples: DeviceSamples, recipe: Recipe, rows: State, best: Best, memory: State, stopping: Stopping,
        *, noise: Sequence[torch.Generator], factors: np.ndarray, dense: bool, holds: bool,
    ) -> None:  # fmt: skip
        self._samples, self._recipe, self.rows, self.best, self.stopping = samples, recipe, rows, best, stopping
        self._noise, self._factors, self._dense, self._holds = noise, factors, dense, holds
        self._parameters = {name: torch.nn.Parameter(rows[name]) for name in recipe.trained}
        self.optimizer = recipe.optimizer(list(self._parameters.values()))
        recall(self.optimizer, self._parameters, memory)
        self._rates = rates(self.optimizer)
        seeds, device = len(rows["weight"]), rows["weight"].device
        self._is_weight = recipe.layout.is_weight(recipe.layout.size).to(device)
        self._factor = rows["mask"].to(rows["weight"].dtype)
        filled = recipe.effective is not None and recipe.effective.dense
        self._used = torch.ones_like(self._factor) if filled else self._factor  # whether pruned weights take part
        # An optimiser that starts afresh leaves a pruned weight at 0, so that nothing needs to be masked but gradients.
        self._rests = recipe.plain and not recipe.carried
        if self._rests:
            rows["weight"] *= self._factor
        self.order = torch.zeros(seeds, len(samples.x), dtype=torch.int64, device=device)
        self.result = torch.zeros(seeds, 3, len(recipe.dataset.tasks), dtype=torch.float64, device=device)

    def memory(self) -> State:
        """What the optimiser remembers, a copy."""
        return remember(self.optimizer, self._parameters)

    @torch.no_grad()
    def run(self, first: int, before: int, taken: int, anchor_after: int | None = None) -> None:
        """Train from batch `first` on.

        The segment has done `before` steps, the learning rate's schedule `taken`; the anchor becomes what there is
        after step `anchor_after` of this epoch.
        """
        rest = self._at_rest() if self._holds else []
        sums, seen, size = torch.zeros_like(self.result[:, 0]), 0, self._recipe.batch_size
        for number, start in enumerate(range(first * size, self.order.shape[1], size), start=1):
            which = self.order[:, start : start + size]
            sums += self._step(which, taken + number - 1) * which.shape[1]
            seen += which.shape[1]
            if number == anchor_after:
                self._capture(~self.stopping.over)
        tasks, samples = self._recipe.dataset.tasks, self._samples
        held = measured(self._recipe.layout, self._shown() * self._used, samples.held_x, samples.held_y, tasks)
        self.result.copy_(torch.cat([sums[:, None] / seen, held], dim=1))
        going_on = ~self.stopping.over
        # 0 x inf is not a number: a training loss that is not finite ends the segment as well.
        self.stopping.update((self.result[:, 1] + 0 * self.result[:, 0]).mean(dim=1))
        for name, best in self.best.items():
            best.copy_(torch.where(self.stopping.improved[:, None], self.rows[name], best))
        if self._dense and anchor_after is None and self._recipe.anchor_step > before:
            self._capture(going_on)  # over before the step was reached: the anchor is what was trained
        for now, then in rest:
            going = going_on.reshape(-1, *[1] * (now.ndim - 1)) if now.ndim else going_on.any()
            now.copy_(torch.where(going, now.to(going.device), then.to(going.device)))  # some count steps on the host

    def _capture(self, seeds: Tensor) -> None:
        self.rows["anchor"].copy_(torch.where(seeds[:, None], self.rows["weight"], self.rows["anchor"]))

    def _at_rest(self) -> list[tuple[Tensor, Tensor]]:
        """Everything that an epoch may change, and as it is."""
        memory = [value for of in self.optimizer.state.values() for value in of.values() if isinstance(value, Tensor)]
        return [(tensor.detach(), tensor.detach().clone()) for tensor in [*self.rows.values(), *memory]]

    def _shown(self) -> Tensor:
        effective = self._recipe.effective
        return self.rows["weight"] if effective is None else effective.measured(self.rows, self._recipe.layout)

    def _step(self, which: Tensor, taken: int) -> Tensor:
        """One step on the samples `which` (R, batch); the losses (R, T) before it."""
        losses, gradients = self._losses(which)
        recipe, weight = self._recipe, self.rows["weight"]
        pairs = zip(self._parameters, gradients, strict=True)
        found = [gradient * self._factor if recipe.held(name) else gradient for name, gradient in pairs]
        before = weight.clone() if recipe.step is not None else None
        if recipe.step is not None:
            recipe.step.before(self.rows, found[0], recipe.layout, self._noise)
            found[0] *= self._factor
        for parameter, gradient in zip(self._parameters.values(), found, strict=True):
            parameter.grad = gradient
        scale(self.optimizer, self._rates, self._factors, taken)
        self.optimizer.step()
        if not self._rests:
            weight *= self._factor
        if recipe.step is not None and before is not None:
            recipe.step.after(self.rows, before, recipe.layout)
        if "steps" in self.rows:
            self.rows["steps"] += 1
        return losses.detach().double()

    def _losses(self, which: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
        """The losses (R, T) of samples, and the gradient of all that a seed minimises by every trained tensor."""
        recipe, layout, parameters = self._recipe, self._recipe.layout, self._parameters
        with torch.enable_grad():
            rows = {**self.rows, **parameters}
            effective = recipe.effective
            weight = rows["weight"] if effective is None else effective.weights(rows, layout, self._noise)
            computed = weight if self._rests else weight * self._used
            logits = forward(layout, computed, self._samples.x[which])
            losses = measure.losses(logits, self._samples.y[which].transpose(1, 2), recipe.dataset.tasks)
            total = losses.mean(dim=1)
            penalty = None if recipe.penalty is None else recipe.penalised(rows, weight, rows["mask"] & self._is_weight)
            total = total if penalty is None else total + penalty
            return losses, torch.autograd.grad(
                total.sum(), list(parameters.values()), allow_unused=True, materialize_grads=True
            )
