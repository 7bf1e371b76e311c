"""What bounds the kernel: its multiply-adds against this core's, its bytes against the memory's."""

import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from lth.bench.problem import BATCH, Start
from lth.bench.throughput import HIDDEN, kernel_runs, one_core, rate_of
from lth.data.dataset import Dataset
from lth.stack.kernel import building
from lth.stack.kernel.binding import Library

SOURCE = Path(__file__).with_name("tiles.cpp")
ADAM_BYTES = 4 * 7  # value, gradient and two moments are read, value and moments written
LEVELS = ("x86-64-v3", "x86-64-v4")


@cache
def core() -> dict[str, Any]:
    """Billions a second of processor time on this core: multiply-adds, bytes, and the kernel's pieces by width."""
    with tempfile.TemporaryDirectory() as place:
        program = Path(place) / "tiles"
        building.compile_program(SOURCE, program)
        return json.loads(subprocess.run([program], check=True, capture_output=True, text=True).stdout)


def pieces() -> list[dict[str, Any]]:
    """One row per width of a hidden layer, 64 samples: billions of multiply-adds a second, Adam in ns a weight."""
    with one_core():
        found = core()
    return [{"width": width, "core": found["multiply-adds"], **row} for width, row in found.items() if width.isdigit()]


def roofline(dataset: Dataset, seconds: float) -> list[dict[str, Any]]:
    """One row per dense network: seed-steps/s that multiply-adds allow, and they with Adam's bytes, and that reached.

    A step has three products per weight of 64 samples, the first layer two, and its share of the validation.
    """
    with one_core():
        return [_row(dataset, hidden, seconds) for hidden in HIDDEN]


def _row(dataset: Dataset, hidden: int, seconds: float) -> dict[str, Any]:
    first, later = (dataset.inputs + 1) * hidden, (hidden + 1) * (hidden + dataset.outputs)
    batches = -(-len(dataset.train) // BATCH)
    products = BATCH * (2 * first + 3 * later) + len(dataset.val) / batches * (first + later)
    computing, moving = products / core()["multiply-adds"] / 1e9, ADAM_BYTES * (first + later) / core()["bytes"] / 1e9
    (run,) = kernel_runs(dataset, Start.of(hidden, 1.0, dataset.inputs, dataset.outputs), 1)
    reached = rate_of(run, seconds)
    return {
        "hidden": hidden, "multiply-adds a step": products, "multiply-adds allow": 1 / computing,
        "with Adam from memory": 1 / (computing + moving), "reached": reached, "of the first": reached * computing,
    }  # fmt: skip


def targets(dataset: Dataset, seconds: float) -> list[dict[str, Any]]:
    """One row per dense network: seed-steps/s of the kernel built for each level of x86-64, taking turns."""
    with one_core(), tempfile.TemporaryDirectory() as place:
        libraries = {level: Library(building.build(Path(place) / level, level=level)) for level in LEVELS}
        rows = []
        for hidden in HIDDEN:
            start = Start.of(hidden, 1.0, dataset.inputs, dataset.outputs)
            runs = {level: kernel_runs(dataset, start, 1, library=one)[0] for level, one in libraries.items()}
            turns = [{level: rate_of(run, seconds, turns=1) for level, run in runs.items()} for _ in range(5)]
            rows.append({"hidden": hidden, **{level: sorted(t[level] for t in turns)[2] for level in LEVELS}})
        return rows
