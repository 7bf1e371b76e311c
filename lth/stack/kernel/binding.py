"""The compiled kernel's functions as Python sees them: handles over arrays of float32 or float64."""

import ctypes
from collections.abc import Sequence
from ctypes import POINTER, c_char_p, c_double, c_int, c_int32, c_int64, c_uint64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lth.data.dataset import Split, Task

KINDS = {"binary": 0, "classes": 1, "values": 2}
HELD_OUT_COLUMNS = 128  # samples of a measured part that go through the network at once
# A layer is walked weight by weight where fewer than this share of its weights are unpruned: `make bench`.
SPARSE_BELOW = 0.5


class Options(ctypes.Structure):
    """An optimiser's options; `rule` is 0 for SGD and 1 for Adam."""

    _fields_ = [
        *((name, c_int32) for name in ("rule", "decoupled", "nesterov", "maximize", "amsgrad")),
        *((name, c_double) for name in ("lr", "beta1", "beta2", "eps", "weight_decay", "momentum", "dampening")),
    ]


class _Request(ctypes.Structure):
    _fields_ = [
        *((name, c_int32) for name in ("layers", "restore_best", "leave_silent_out", "nothing")),
        *((name, c_void_p) for name in ("widths", "mask", "factors")),
        *((name, c_int64) for name in ("factor_count", "steps", "captured_step", "skipped_steps", "patience")),
        ("max_epochs", c_int64),
        ("stream", c_uint64),
        ("loss_cutoff", c_double),
        ("sparse_below", c_double),
        ("optimizer", Options),
    ]


@dataclass(frozen=True)
class Segment:
    """How one seed trains through one segment; `steps` are those that its optimiser has taken before."""

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
    factors: Sequence[float] = field(default=())
    sparse_below: float = SPARSE_BELOW


class Library:
    """A loaded kernel; `source` tells which sources it was built from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._functions = ctypes.CDLL(str(path))
        signatures = {
            "source": (c_char_p,),
            "supported": (c_int,),
            "samples": (c_void_p, c_int, c_void_p, c_void_p, c_void_p, c_void_p),
            "hold_out": (c_int, c_int, c_void_p, c_int64, c_void_p, c_void_p, c_int),
            "free_samples": (None, c_int, c_void_p),
            "run": (c_void_p, c_int, c_void_p, POINTER(_Request), c_void_p),
            "free_run": (None, c_int, c_void_p),
            "advance": (c_int, c_int, c_void_p, c_double),
            "gradient": (None, c_int, c_void_p, c_void_p, c_void_p),
            "step_done": (c_int, c_int, c_void_p, c_void_p),
            "write": (None, c_int, c_void_p, c_int, c_void_p),
            "read": (None, c_int, c_void_p, c_int, c_void_p),
            "state": (None, c_int, c_void_p, c_void_p),
            "measured": (None, c_int, c_void_p, c_void_p),
            "measure": (None, c_int, c_void_p, c_int, c_void_p),
            "permutations": (None, c_uint64, c_int32, c_int32, c_void_p),
        }
        for name, (result, *arguments) in signatures.items():
            function = getattr(self._functions, f"lth_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def __getattr__(self, name: str):
        raise AttributeError(name)


class Samples:
    """A dataset's training part and the parts that are measured, in the kernel's memory."""

    def __init__(
        self,
        library: Library,
        tasks: Sequence[Task],
        train: Split,
        held_out: Sequence[Split],
        batch_size: int,
        dtype: np.dtype,
        columns: int = HELD_OUT_COLUMNS,
    ) -> None:
        self.library, self.dtype, self.tasks = library, np.dtype(dtype), tuple(tasks)
        self.bytes = self.dtype.itemsize
        x, y = (np.ascontiguousarray(part, dtype=self.dtype) for part in (train.x, train.y))
        sizes = np.array([x.shape[1], y.shape[1], len(tasks), batch_size, len(x)], dtype=np.int32)
        kinds = np.array([(KINDS[t.kind], t.outputs[0], len(t.outputs)) for t in tasks], dtype=np.int32)
        self.handle = library.samples(self.bytes, sizes.ctypes.data, kinds.ctypes.data, x.ctypes.data, y.ctypes.data)
        if not self.handle:
            raise MemoryError("no memory for the samples")
        for part in held_out:
            x, y = (np.ascontiguousarray(of, dtype=self.dtype) for of in (part.x, part.y))
            if library.hold_out(self.bytes, self.handle, len(x), x.ctypes.data, y.ctypes.data, columns):
                raise MemoryError("no memory for the samples")

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            self.library.free_samples(self.bytes, self.handle)


class Run:
    """One seed in one segment; `row` and `mask` are canonical rows of the network of these widths."""

    def __init__(
        self, samples: Samples, widths: Sequence[int], mask: np.ndarray, row: np.ndarray, segment: Segment
    ) -> None:
        self.samples, self.library, self.bytes = samples, samples.library, samples.bytes
        shape = np.array(widths, dtype=np.int32)
        mask, row = np.ascontiguousarray(mask, dtype=bool), np.ascontiguousarray(row, dtype=samples.dtype)
        factors = np.array(segment.factors, dtype=np.float64)
        request = _Request(
            layers=len(widths) - 1,
            restore_best=segment.restore_best,
            leave_silent_out=segment.leave_silent_out,
            widths=shape.ctypes.data,
            mask=mask.ctypes.data,
            factors=factors.ctypes.data,
            factor_count=len(factors),
            steps=segment.steps,
            captured_step=segment.captured_step,
            skipped_steps=segment.skipped_steps,
            patience=segment.patience,
            max_epochs=segment.max_epochs,
            stream=segment.stream,
            loss_cutoff=-1 if segment.loss_cutoff is None else segment.loss_cutoff,
            sparse_below=segment.sparse_below,
            optimizer=segment.options,
        )
        self.handle = self.library.run(self.bytes, samples.handle, ctypes.byref(request), row.ctypes.data)
        if not self.handle:
            raise MemoryError("no memory for the network")
        self.tasks = len(samples.tasks)

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            self.library.free_run(self.bytes, self.handle)

    def advance(self, seconds: float) -> bool:
        return bool(self.library.advance(self.bytes, self.handle, seconds))

    def write(self, which: int, row: np.ndarray) -> None:
        self.library.write(self.bytes, self.handle, which, row.ctypes.data)

    def state(self) -> list[int]:
        counts = np.zeros(5, dtype=np.int64)
        self.library.state(self.bytes, self.handle, counts.ctypes.data)
        return counts.tolist()

    def measured(self) -> np.ndarray:
        numbers = np.zeros(self.state()[0])
        self.library.measured(self.bytes, self.handle, numbers.ctypes.data)
        return numbers.reshape(-1, 3, self.tasks)
