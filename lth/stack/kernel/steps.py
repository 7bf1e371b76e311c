"""Seeds that the kernel trains a step at a time, side by side: a method's parts work on the flat buffers between.

The network's forward and backward stay the kernel's; autograd only pulls back the elementwise maps of penalties and
effective weights.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from lth.method.state import State
from lth.stack.kernel.alone import start
from lth.stack.kernel.binding import MOMENTS, Options, Run, Samples
from lth.stack.kernel.own_optimizers import OwnOptimizers
from lth.stack.optimizers import moments_of
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.state import OPTIMIZER, is_memory, put
from lth.stack.training import VISIT_SECONDS, Training

# PyTorch's vectorised loops compute the last few numbers of a buffer one by one, and may round these differently:
# rows that are whole blocks keep a seed's numbers the same whatever stands beside them.
BLOCK = 64


class Steps(Training):
    """Seeds side by side, in step; each leaves when its segment is over."""

    def __init__(
        self, samples: Samples, recipe: Recipe, options: Options | None, state: State, members: Sequence[Member]
    ) -> None:
        self.members = list(members)
        self._recipe, self._state, self._options = recipe, state, options
        places = [member.place for member in self.members]
        width = -(-recipe.layout.size // BLOCK) * BLOCK
        self._rows = {name: _padded(tensor[places], width) for name, tensor in state.items()}
        self._is_weight = recipe.layout.is_weight(width)  # penalties are not for biases
        self._gradient = torch.zeros_like(self._rows["weight"])
        self._streams = [member.stream("method") for member in self.members]
        self._kept = {name: self._rows[name].clone() for name in recipe.trained}
        self._best = np.full(len(members), np.inf)
        self._steps = 0
        self._runs = [self._run(samples, place, member) for place, member in enumerate(self.members)]
        self._factors = [recipe.factors(member, self._taken(n)) for n, member in enumerate(self.members)]
        own = options is None or recipe.effective is not None
        self._optimizers = OwnOptimizers(recipe, self._rows) if own else None

    def visit(self) -> list[Finished]:
        """Take steps until a while has passed or a seed's segment is over."""
        until = time.monotonic() + VISIT_SECONDS
        while self.members:
            finished = self._step()
            if finished or time.monotonic() >= until:
                return finished
        return []

    def epochs(self) -> int:
        """See Training."""
        return len(self._runs[0].measured()) if self._runs else 0

    def losses(self) -> list[float]:
        """See Training."""
        measured = [run.measured() for run in self._runs]
        return [float(of[-1, 1].mean()) for of in measured if len(of)]

    def _taken(self, place: int) -> int:
        """The steps since this seed's values were set."""
        return int(self._rows["steps"][place]) if "steps" in self._rows else 0

    def _run(self, samples: Samples, place: int, member: Member) -> Run:
        rows, effective = self._rows, self._recipe.effective
        if effective is not None and effective.dense:  # pruned weights take part, though they do not move
            rows = {**rows, "mask": torch.ones_like(rows["mask"])}
        # What else moves a weight than its gradient is not known here, so no weight may rest.
        options = self._options or Options(rule=0)
        return start(samples, self._recipe, options, rows, replace(member, place=place), still=False)

    def _step(self) -> list[Finished]:
        recipe, layout = self._recipe, self._recipe.layout
        gradients = self._gradients()
        if recipe.step is not None:
            first = gradients[recipe.trained[0]]
            recipe.step.before(self._rows, first[:, : layout.size], layout, self._streams)
        before = self._rows["weight"].clone() if recipe.step is not None else None
        for name in filter(recipe.held, gradients):
            gradients[name] *= self._rows["mask"]
        self._move(gradients)
        if recipe.step is not None and before is not None:
            recipe.step.after(self._rows, before, layout)
        return self._measure()

    def _gradients(self) -> dict[str, Tensor]:
        """The gradients of the next batch by what is trained, penalty included."""
        recipe, effective = self._recipe, self._recipe.effective
        raw = {name: self._rows[name].detach().requires_grad_() for name in self._recipe.trained}
        with torch.enable_grad():
            every = {**self._rows, **raw}
            computed = raw["weight"] if effective is None else effective.weights(every, recipe.layout, self._streams)
            for run, row, found in zip(self._runs, computed.detach().numpy(), self._gradient.numpy(), strict=True):
                run.gradient(row, found)
            # Its gradient by the weights computed with is the one just found, so the map alone is pulled back.
            total = (computed * self._gradient).sum() if effective is not None else None
            penalty = recipe.penalised(every, computed, self._rows["mask"] & self._is_weight)
            if penalty is not None:
                total = penalty.sum() if total is None else total + penalty.sum()
        pulled = [torch.zeros(())] * len(raw)
        if total is not None:
            pulled = torch.autograd.grad(total, list(raw.values()), allow_unused=True, materialize_grads=True)
        added = {"weight": self._gradient} if effective is None else {}
        return {name: found + added.get(name, 0) for name, found in zip(raw, pulled, strict=True)}

    def _move(self, gradients: dict[str, Tensor]) -> None:
        if self._optimizers is None:
            rows, found = self._rows["weight"].numpy(), gradients["weight"].numpy()
            for run, row, gradient in zip(self._runs, rows, found, strict=True):
                run.apply(gradient, row)
            return
        self._optimizers.move(gradients, self._factors, self._steps)
        self._rows["weight"] *= self._rows["mask"]

    def _measure(self) -> list[Finished]:
        """End the step of every seed; those whose segment is over leave."""
        recipe = self._recipe
        self._steps += 1
        if "steps" in self._rows:
            self._rows["steps"] += 1
        shown = self._rows["weight"]
        if recipe.effective is not None and self._ends_an_epoch():
            shown = recipe.effective.measured(self._rows, recipe.layout)
        over = []
        for place, (run, row) in enumerate(zip(self._runs, shown.numpy(), strict=True)):
            ended = run.step_done(row)
            if recipe.anchor_step == self._steps and self.members[place].level == 0:
                self._rows["anchor"][place] = self._rows["weight"][place]
            if ended:
                self._keep_best(place, run)
                if run.over:
                    over.append(place)
        return self._leave(over) if over else []

    def _ends_an_epoch(self) -> bool:
        """Whether a seed is measured after the step that was taken: only then is it asked what is shown."""
        recipe = self._recipe
        batches = -(-len(recipe.dataset.train) // min(recipe.batch_size, len(recipe.dataset.train)))
        skipped = (recipe.anchor_step if member.skips else 0 for member in self.members)
        return any((self._steps + before) % batches == 0 for before in skipped)

    def _keep_best(self, place: int, run: Run) -> None:
        if not self._recipe.restore_best:
            return
        loss = float(run.measured()[-1, 1].mean())
        if loss < self._best[place]:
            self._best[place] = loss
            for name, kept in self._kept.items():
                kept[place] = self._rows[name][place]

    def _leave(self, over: Sequence[int]) -> list[Finished]:
        finished = [self._finish(place) for place in over]
        left = [place for place in range(len(self.members)) if place not in over]
        memories = [self._memory(place) for place in left]
        for name in ("members", "_runs", "_streams", "_factors"):
            setattr(self, name, [getattr(self, name)[place] for place in left])
        self._rows = {name: tensor[left] for name, tensor in self._rows.items()}
        self._kept = {name: kept[left] for name, kept in self._kept.items()}
        self._gradient, self._best = self._gradient[left], self._best[left]
        if self._optimizers is not None:
            for place, memory in enumerate(memories):
                for name, value in memory.items():
                    put(self._rows, place, name, value)
            self._optimizers = OwnOptimizers(self._recipe, self._rows)
        return finished

    def _finish(self, place: int) -> Finished:
        recipe, member, run = self._recipe, self.members[place], self._runs[place]
        anchors = recipe.anchor_step > 0 and member.level == 0
        if anchors and self._steps < recipe.anchor_step:
            self._rows["anchor"][place] = self._rows["weight"][place]
        finished = Finished.of(member.place, run.measured(), recipe.restore_best)
        if finished.best < len(finished.measured):
            for name, kept in self._kept.items():
                self._rows[name][place] = kept[place]
        for name, tensor in self._rows.items():
            if name in self._state and not is_memory(name):
                value = tensor[place]
                self._state[name][member.place] = value[: recipe.layout.size] if value.ndim else value
        if recipe.carried:
            for name, value in self._memory(place).items():
                size = self._recipe.layout.size
                put(self._state, member.place, name, value[..., :size] if value.ndim else value)
        return finished

    def _memory(self, place: int) -> State:
        """What the optimiser of a seed remembers."""
        if self._optimizers is not None:
            return self._optimizers.memory(place)
        run, found = self._runs[place], {}
        for number, name in enumerate(moments_of(self._options) if self._options else ()):
            found[OPTIMIZER + name] = torch.zeros_like(self._rows["weight"][place])
            run.write(MOMENTS + number, found[OPTIMIZER + name].numpy())
        return {**found, f"{OPTIMIZER}step": torch.tensor(run.optimizer_steps)}


def _padded(rows: Tensor, width: int) -> Tensor:
    """Rows (R, size) with zeros up to `width`; what is one number for each seed stays so."""
    return torch.nn.functional.pad(rows, (0, width - rows.shape[1])) if rows.ndim == 2 else rows.clone()
