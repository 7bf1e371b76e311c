"""Random small problems for the kernel, and the same training in plain PyTorch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lth.data.dataset import Split, Task
from lth.randomness import generator
from lth.stack import kernel
from lth.stack.kernel.binding import Course, Library, Run, Samples
from lth.stack.optimizers import options_of

KINDS = {"binary": 1, "classes": 3, "values": 2}


@dataclass(frozen=True)
class Problem:
    """Tasks side by side, a network, a mask, how it trains."""

    kinds: tuple[str, ...] = ("binary", "binary")
    hidden: tuple[int, ...] = (8, 8)
    density: float = 1.0
    samples: int = 50
    batch_size: int = 16
    epochs: int = 3
    seed: int = 0
    make: Callable[[list[Tensor]], torch.optim.Optimizer] = field(default=lambda p: torch.optim.Adam(p, lr=1e-2))

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Two inputs and some outputs for each kind."""
        starts = np.cumsum([0, *(KINDS[kind] for kind in self.kinds)])
        spans = [tuple(range(start, end)) for start, end in pairwise(starts.tolist())]
        return tuple(
            Task(f"t{n}", (2 * n, 2 * n + 1), span, kind)  # type: ignore[arg-type]
            for n, (kind, span) in enumerate(zip(self.kinds, spans, strict=True))
        )

    @property
    def widths(self) -> tuple[int, ...]:
        """Neurons per layer."""
        return (2 * len(self.kinds), *self.hidden, sum(KINDS[kind] for kind in self.kinds))

    def split(self, purpose: int) -> Split:
        """Random samples of one part; targets depend on the inputs, so that there is something to learn."""
        random = np.random.default_rng([self.seed, purpose])
        x = random.normal(size=(self.samples, self.widths[0])).astype(np.float32)
        blocks = []
        for n, kind in enumerate(self.kinds):
            own = x[:, 2 * n : 2 * n + 2]
            if kind == "binary":
                blocks.append((own.prod(axis=1, keepdims=True) > 0).astype(np.float32))
            elif kind == "classes":
                blocks.append(np.eye(3, dtype=np.float32)[(own > 0).sum(axis=1)])
            else:
                blocks.append(own[:, ::-1] ** 2)
        return Split(x, np.concatenate(blocks, axis=1))

    def start(self) -> tuple[np.ndarray, np.ndarray]:
        """The canonical row (size,) float64, pruned weights at zero, and its mask; biases are never pruned."""
        random = np.random.default_rng([self.seed, 99])
        rows, masks = [], []
        for fan_in, fan_out in pairwise(self.widths):
            rows += [random.normal(size=fan_in * fan_out) / np.sqrt(fan_in), random.normal(size=fan_out) / 10]
            masks += [random.random(fan_in * fan_out) < self.density, np.ones(fan_out, dtype=bool)]
        row, mask = np.concatenate(rows), np.concatenate(masks)
        # Through float32, so that both precisions start alike.
        return (row * mask).astype(np.float32).astype(np.float64), mask


def library() -> Library:
    """The kernel; these tests are about it, so that it must be there."""
    found = kernel.library()
    assert found is not None, kernel.why_not()
    return found


def samples_of(problem: Problem, dtype: type = np.float64, using: Library | None = None, columns: int = 128) -> Samples:
    """The problem's parts in the kernel's memory: validation and test are held out."""
    return Samples(using or library(), problem.tasks, problem.split(0), [problem.split(1), problem.split(2)],
                   problem.batch_size, np.dtype(dtype), columns)  # fmt: skip


def course_of(problem: Problem, **changes: object) -> Course:
    """The course of a seed that trains for all the problem's epochs."""
    options = options_of(problem.make)
    assert options is not None
    stream = generator(problem.seed, "batches", 0).initial_seed()
    return Course(options, stream, 10**9, problem.epochs, **{"leave_silent_out": False, **changes})  # type: ignore[arg-type]


def trained(
    problem: Problem, dtype: type = np.float64, using: Library | None = None, **changes: object
) -> tuple[np.ndarray, Run]:
    """The canonical row after all epochs, and the run."""
    row, mask = problem.start()
    row = row.astype(dtype)
    run = Run(samples_of(problem, dtype, using), problem.widths, mask, row, course_of(problem, **changes))
    while not run.advance(1.0):
        pass
    run.write(0, row)
    return row, run


class Plain:
    """The same training by nn.Linear and torch.optim."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        row, mask = problem.start()
        self.layers = [nn.Linear(a, b, dtype=torch.float64) for a, b in pairwise(problem.widths)]
        self.masks, at = [], 0
        for layer in self.layers:
            for parameter in (layer.weight, layer.bias):
                part = slice(at, at + parameter.numel())
                parameter.data.copy_(torch.from_numpy(row[part]).view_as(parameter))
                self.masks.append(torch.from_numpy(mask[part]).view_as(parameter))
                at = part.stop
        self.optimizer = problem.make(list(self.parameters))
        self.measured: list[list[list[float]]] = []
        self.rows: list[np.ndarray] = []
        self.steps: list[np.ndarray] = []

    @property
    def parameters(self) -> list[Tensor]:
        """Weights and biases, layer by layer."""
        return [parameter for layer in self.layers for parameter in (layer.weight, layer.bias)]

    @property
    def row(self) -> np.ndarray:
        """The canonical row as it is."""
        return torch.cat([parameter.detach().flatten() for parameter in self.parameters]).numpy().copy()

    def forward(self, x: Tensor) -> Tensor:
        """The logits."""
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)

    def losses(self, x: Tensor, y: Tensor) -> Tensor:
        """Every task's mean loss."""
        logits, found = self.forward(x), []
        for task in self.problem.tasks:
            block = slice(task.outputs[0], task.outputs[-1] + 1)
            z, wanted = logits[:, block], y[:, block]
            if task.kind == "binary":
                found.append(functional.binary_cross_entropy_with_logits(z, wanted))
            elif task.kind == "classes":
                found.append(functional.cross_entropy(z, wanted.argmax(1)))
            else:
                found.append(functional.mse_loss(z, wanted))
        return torch.stack(found)

    def train(self, skipped: int = 0) -> "Plain":
        """All epochs, beginning after `skipped` steps of the data's order."""
        x, y, held_x, held_y = (torch.from_numpy(a).double() for p in (0, 1) for a in _arrays(self.problem.split(p)))
        stream = generator(self.problem.seed, "batches", 0)
        batches = -(-len(x) // self.problem.batch_size)
        for _ in range(skipped // batches):
            torch.randperm(len(x), generator=stream)
        for epoch in range(self.problem.epochs):
            parts = torch.randperm(len(x), generator=stream).split(self.problem.batch_size)
            parts = parts[skipped % batches :] if epoch == 0 else parts
            sums, seen = torch.zeros(len(self.problem.tasks), dtype=torch.float64), 0
            for part in parts:
                losses = self.losses(x[part], y[part])
                sums, seen = sums + losses.detach() * len(part), seen + len(part)
                self.step(losses.mean())
            with torch.no_grad():
                self.measured.append([(sums / seen).tolist(), self.losses(held_x, held_y).tolist()])
            self.rows.append(self.row)
        return self

    def step(self, loss: Tensor) -> None:
        """One step of the optimiser under the masks."""
        self.optimizer.zero_grad()
        loss.backward()
        for parameter, mask in zip(self.parameters, self.masks, strict=True):
            assert parameter.grad is not None
            parameter.grad *= mask
        self.optimizer.step()
        self.steps.append(self.row)


def _arrays(split: Split) -> Sequence[np.ndarray]:
    return split.x, split.y
