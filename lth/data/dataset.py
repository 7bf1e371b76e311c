"""What every dataset is, whatever its source: three standardised splits and the tasks that share them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from lth.data.pixels import Pixels

Kind = Literal["binary", "classes", "values"]
_NAME = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Task:
    """A block of inputs, a block of outputs and a loss.

    `binary` is one logit with binary cross-entropy, `classes` is cross-entropy over all its outputs, `values` is the
    mean squared error over its outputs. Raises ValueError for a name, a kind or indices that cannot be.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    kind: Kind

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"task name {self.name!r}: letters, digits and _ only")
        if self.kind not in get_args(Kind):
            raise ValueError(f"task {self.name}: kind {self.kind!r} is not one of {', '.join(get_args(Kind))}")
        if not self.inputs or min(self.inputs) < 0 or len(set(self.inputs)) < len(self.inputs):
            raise ValueError(f"task {self.name}: inputs must be one or more different indices >= 0")
        if not self.outputs or self.outputs[0] < 0 or self.outputs != _following(self.outputs):
            raise ValueError(f"task {self.name}: outputs {self.outputs} must be one block of rising indices >= 0")
        if self.kind == "binary" and len(self.outputs) != 1:
            raise ValueError(f"task {self.name}: a binary task has one output, not {len(self.outputs)}")
        if self.kind == "classes" and len(self.outputs) < 2:
            raise ValueError(f"task {self.name}: a task of classes has two outputs or more")


@dataclass(frozen=True, eq=False)
class Split:
    """The samples of one part: x (N, inputs) and y (N, outputs), both float32 and finite.

    x is standardised with the training part's mean and deviation; y is 0/1 for binary tasks, one-hot for classes,
    normalised for values. `given` is x, or the bytes from which every reading of x is made anew. Raises ValueError
    when shapes or types do not fit.
    """

    given: np.ndarray | Pixels
    y: np.ndarray

    def __post_init__(self) -> None:
        arrays = {"y": self.y} if isinstance(self.given, Pixels) else {"x": self.given, "y": self.y}
        for name, array in arrays.items():
            if array.ndim != 2 or array.dtype != np.float32:
                raise ValueError(f"{name} must be (samples, columns) in float32, not {array.shape} in {array.dtype}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds values that are not finite")
        samples = self.given.shape[0]
        if samples != len(self.y) or samples == 0:
            raise ValueError(f"x and y need the same number of samples, at least 1: {samples} and {len(self.y)}")

    def __len__(self) -> int:
        return len(self.y)

    @property
    def x(self) -> np.ndarray:
        """All inputs, (N, inputs) float32; of bytes a new array at each call, so read it once."""
        return self.given.numbers() if isinstance(self.given, Pixels) else self.given

    def rows(self, at: np.ndarray) -> np.ndarray:
        """The inputs of the samples at these places, (n, inputs) float32."""
        return self.given.numbers(at) if isinstance(self.given, Pixels) else self.given[at]

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return self.given.shape[1]

    @property
    def varying(self) -> np.ndarray:
        """(inputs,) bool: which inputs differ between samples; of bytes, those of the training part."""
        return self.given.variance > 0 if isinstance(self.given, Pixels) else np.ptp(self.given, axis=0) > 0


@dataclass(frozen=True)
class Dataset:
    """Training, validation and test part of one or more tasks that one network learns side by side.

    The tasks' outputs follow each other and tile the columns of y; no input belongs to two tasks; inputs in no task
    are noise. Raises ValueError when they do not.
    """

    tasks: tuple[Task, ...]
    train: Split
    val: Split
    test: Split
    name: str

    def __post_init__(self) -> None:
        widths = {(split.inputs, split.y.shape[1]) for split in (self.train, self.val, self.test)}
        if len(widths) != 1:
            raise ValueError(f"dataset {self.name}: the parts differ in (inputs, outputs): {sorted(widths)}")
        if not self.tasks or len(set(self.task_names)) < len(self.tasks):
            raise ValueError(f"dataset {self.name}: needs tasks of different names, not {self.task_names}")
        outputs = tuple(index for task in self.tasks for index in task.outputs)
        if outputs != tuple(range(self.outputs)):
            raise ValueError(
                f"dataset {self.name}: the tasks' outputs {outputs} must be 0..{self.outputs - 1} in order"
            )
        inputs = [index for task in self.tasks for index in task.inputs]
        if len(set(inputs)) < len(inputs) or max(inputs) >= self.inputs:
            raise ValueError(f"dataset {self.name}: each of the {self.inputs} inputs belongs to at most one task")

    @classmethod
    def from_arrays(
        cls,
        x: Any,
        y: Any,
        tasks: Mapping[str, Sequence[Any]] | Sequence[Task] | None = None,
        *,
        val: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
        split: Sequence[float] = (0.6, 0.2, 0.2),
        seed: int = 0,
        standardise: bool = True,
        name: str = "arrays",
    ) -> "Dataset":
        """A dataset of x (samples, inputs) and y (samples,) or (samples, columns), of numpy, pandas, torch or lists.

        `tasks` is {name: (columns of x, columns of y)}, with the kind as a third where it cannot be seen; columns are
        names, places, slices or lists of these; None is one task of all. Labels are whole numbers, texts or truth
        values, and count in sorted order. Inputs of no task are noise. Without `val` and `test`, each (x, y), the
        samples are shuffled by `seed` and parted by `split`, three shares or counts. Inputs, unless told otherwise,
        and values are standardised by the training part. Raises ValueError with one line.
        """
        from lth.data.arrays import from_arrays

        return from_arrays(x, y, tasks, val=val, test=test, split=split, seed=seed, standardise=standardise, name=name)

    def save(self, path: Path | str) -> list[str]:
        """Write it to a file; gives what to type after `python -m lth.run` to train on it.

        Raises RecordError when it cannot be written.
        """
        from lth.data.stored import save

        return save(self, Path(path).absolute())

    @property
    def inputs(self) -> int:
        """Number of inputs of the whole network, noise included."""
        return self.train.inputs

    @property
    def outputs(self) -> int:
        """Number of outputs of the whole network."""
        return self.train.y.shape[1]

    @property
    def task_names(self) -> tuple[str, ...]:
        """The tasks' names in the order of their outputs."""
        return tuple(task.name for task in self.tasks)


def _following(indices: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(indices[0], indices[0] + len(indices)))
