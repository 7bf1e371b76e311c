"""The compiled kernel's functions as Python sees them: handles over arrays of float32 or float64."""

import ctypes
from collections.abc import Sequence
from ctypes import c_char_p, c_double, c_int, c_int32, c_int64, c_uint64, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lth.data.dataset import Split, Task

KINDS = {"binary": 0, "classes": 1, "values": 2}
HELD_OUT_COLUMNS = 128  # samples of a measured part that go through the network at once
# A layer is walked weight by weight below a share of unpruned weights; below 0: the one that suits its size.
SPARSE_BELOW = -1.0
VALUES, CAPTURED, BEST, MOMENTS = 0, 1, 2, 3  # the numbers of a run that can be read and written; moments are the last

_SIGNATURES: dict[str, tuple[Any, ...]] = {  # result, then arguments
    "source": (c_char_p,),
    "supported": (c_int,),
    "samples": (c_void_p, c_int, *(c_void_p,) * 4),
    "hold_out": (c_int, c_int, c_void_p, c_int64, c_void_p, c_void_p, c_int),
    "free_samples": (None, c_int, c_void_p),
    "run": (c_void_p, c_int, *(c_void_p,) * 3),
    "free_run": (None, c_int, c_void_p),
    "advance": (c_int, c_int, c_void_p, c_double, c_int64),
    "gradient": (None, c_int, *(c_void_p,) * 3),
    "apply": (None, c_int, *(c_void_p,) * 3),
    "step_done": (c_int, c_int, c_void_p, c_void_p),
    "write": (None, c_int, c_void_p, c_int, c_void_p),
    "read": (None, c_int, c_void_p, c_int, c_void_p),
    "state": (None, c_int, c_void_p, c_void_p),
    "measured": (None, c_int, c_void_p, c_void_p),
    "measure": (None, c_int, c_void_p, c_int, c_void_p),
    "permutations": (None, c_uint64, c_int32, c_int32, c_void_p),
}


class Library:
    """A loaded kernel. Raises OSError for what is no library, AttributeError for one that lacks a function."""

    def __init__(self, path: Path) -> None:
        self.path = path
        loaded = ctypes.CDLL(str(path))
        for name, (result, *arguments) in _SIGNATURES.items():
            function = getattr(loaded, f"lth_{name}")
            function.restype, function.argtypes = result, arguments
        self._loaded = loaded

    def call(self, name: str, *arguments: Any) -> Any:
        """Call lth_NAME; arrays are given as the addresses of their data."""
        given = [a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments]
        return getattr(self._loaded, f"lth_{name}")(*given)

    def supported(self) -> bool:
        """Whether this processor can run the kernel."""
        return bool(self.call("supported"))

    def permutations(self, stream: int, count: int, how_many: int) -> np.ndarray:
        """The first permutations (how_many, count) int32 of a stream, those of torch.randperm with that seed."""
        orders = np.zeros((how_many, count), dtype=np.int32)
        self.call("permutations", stream, count, how_many, orders)
        return orders


class Options(ctypes.Structure):
    """An optimiser's options; `rule` is 0 for SGD and 1 for Adam."""

    _fields_ = (
        *((name, c_int32) for name in ("rule", "decoupled", "nesterov", "maximize", "amsgrad")),
        *((name, c_double) for name in ("lr", "beta1", "beta2", "eps", "weight_decay", "momentum", "dampening")),
    )


class _Request(ctypes.Structure):
    _fields_ = (
        *((name, c_int32) for name in ("layers", "restore_best", "leave_silent_out")),
        *((name, c_void_p) for name in ("widths", "mask", "factors")),
        *((name, c_int64) for name in ("factor_count", "steps", "captured_step", "skipped_steps", "patience")),
        ("max_epochs", c_int64),
        ("stream", c_uint64),
        *((name, c_double) for name in ("loss_cutoff", "sparse_below")),
        ("optimizer", Options),
    )


@dataclass(frozen=True)
class Course:
    """How one seed trains through one segment.

    `steps` are those that its optimiser has taken before, `stream` the seed of its permutations, `factors` what the
    learning rate is multiplied with step by step (the last one goes on). `leave_silent_out`: neurons that reach no
    output may rest.
    """

    options: Options
    stream: int
    patience: int
    max_epochs: int
    loss_cutoff: float | None = None
    steps: int = 0
    captured_step: int = 0
    skipped_steps: int = 0
    restore_best: bool = False
    leave_silent_out: bool = True
    factors: Sequence[float] | np.ndarray = ()
    sparse_below: float = SPARSE_BELOW


class Samples:
    """A dataset's training part and the parts that are measured, in the kernel's memory. Raises MemoryError."""

    def __init__(
        self, library: Library, tasks: Sequence[Task], train: Split, held_out: Sequence[Split],
        batch_size: int, dtype: np.dtype, columns: int = HELD_OUT_COLUMNS,
    ) -> None:  # fmt: skip
        self.library, self.dtype, self.tasks = library, np.dtype(dtype), tuple(tasks)
        self.bytes = self.dtype.itemsize
        x, y = self._arrays(train)
        sizes = np.array([x.shape[1], y.shape[1], len(tasks), batch_size, len(x)], dtype=np.int32)
        kinds = np.array([(KINDS[t.kind], t.outputs[0], len(t.outputs)) for t in tasks], dtype=np.int32)
        self.handle = library.call("samples", self.bytes, sizes, kinds, x, y)
        for part in held_out:
            x, y = self._arrays(part)
            if not self.handle or library.call("hold_out", self.bytes, self.handle, len(x), x, y, columns):
                raise MemoryError("no memory for the samples")

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            self.library.call("free_samples", self.bytes, self.handle)

    def _arrays(self, part: Split) -> tuple[np.ndarray, np.ndarray]:
        return np.ascontiguousarray(part.x, dtype=self.dtype), np.ascontiguousarray(part.y, dtype=self.dtype)


class Run:
    """One seed in one segment; `row` and `mask` are canonical rows of a network of these widths. Raises MemoryError."""

    def __init__(
        self, samples: Samples, widths: Sequence[int], mask: np.ndarray, row: np.ndarray, course: Course
    ) -> None:
        self.samples = samples
        shape, factors = np.array(widths, dtype=np.int32), np.array(course.factors, dtype=np.float64)
        mask, row = np.ascontiguousarray(mask, dtype=bool), np.ascontiguousarray(row, dtype=samples.dtype)
        same = ("steps", "captured_step", "skipped_steps", "restore_best", "leave_silent_out", "patience", "max_epochs",
                "stream", "sparse_below")  # fmt: skip
        request = _Request(
            layers=len(widths) - 1, widths=shape.ctypes.data, mask=mask.ctypes.data,
            factors=factors.ctypes.data, factor_count=len(factors), optimizer=course.options,
            loss_cutoff=-1 if course.loss_cutoff is None else course.loss_cutoff,
            **{name: getattr(course, name) for name in same},
        )  # fmt: skip
        self.handle = samples.library.call("run", samples.bytes, samples.handle, ctypes.addressof(request), row)
        if not self.handle:
            raise MemoryError("no memory for the network")

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            self._call("free_run")

    def advance(self, seconds: float, epochs: int = 2**40) -> bool:
        """Take steps until the segment is over (True), or so many seconds have passed or epochs are done."""
        return bool(self._call("advance", c_double(seconds), epochs))

    def gradient(self, row: np.ndarray, found: np.ndarray) -> None:
        """Write the gradient of the next batch's loss at these values; what takes no part is left alone."""
        self._call("gradient", row, found)

    def apply(self, gradient: np.ndarray, row: np.ndarray) -> None:
        """Move the values in `row` by this gradient, as the optimiser says."""
        self._call("apply", gradient, row)

    def step_done(self, row: np.ndarray) -> bool:
        """End the step that `gradient` began; at an epoch's end measure at these values. True when one ended."""
        return bool(self._call("step_done", row))

    def read(self, which: int, row: np.ndarray) -> None:
        """Take over numbers from a canonical row."""
        self._call("read", which, row)

    def write(self, which: int, row: np.ndarray) -> None:
        """Write numbers to their places in a canonical row; what takes no part is left alone."""
        self._call("write", which, row)

    @property
    def over(self) -> bool:
        """Whether the segment is over."""
        return bool(self._counts()[1])

    @property
    def optimizer_steps(self) -> int:
        """The steps that the optimiser has taken, those of earlier segments included."""
        return self._counts()[2]

    @property
    def steps(self) -> int:
        """The steps taken in this segment."""
        return self._counts()[3]

    @property
    def captured_at(self) -> int:
        """The step after which values were captured."""
        return self._counts()[4]

    def measured(self) -> np.ndarray:
        """(E, 3, T) of the epochs so far: train loss, validation loss, validation accuracy of every task."""
        numbers = np.zeros(self._counts()[0])
        self._call("measured", numbers)
        return numbers.reshape(-1, 3, len(self.samples.tasks))

    def measure(self, part: int) -> np.ndarray:
        """(2, T) losses and accuracies of a part that was held out, at the values that the run has now."""
        numbers = np.zeros((2, len(self.samples.tasks)))
        self._call("measure", part, numbers)
        return numbers

    def _call(self, name: str, *arguments: Any) -> Any:
        return self.samples.library.call(name, self.samples.bytes, self.handle, *arguments)

    def _counts(self) -> list[int]:
        counts = np.zeros(5, dtype=np.int64)
        self._call("state", counts)
        return counts.tolist()
