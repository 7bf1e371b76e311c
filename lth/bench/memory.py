"""The memory of a whole run on the largest data there are: MNIST and Fashion-MNIST side by side, two workers."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.settings import ConfigurationError

INPUTS, SAMPLES = 1568, 70_000
_PAUSE = 0.25  # seconds between two looks
_GIGABYTE = 2**30


class NoImagesError(RuntimeError):
    """Why there are no images to train on."""


def memory(folder: Path, seeds: str) -> list[dict[str, Any]]:
    """The most that the program and its workers held at once, in gigabytes, shared pages counted once; beside the data.

    Looks are a quarter of a second apart and may miss a peak; the sum of each process's own peak cannot, but counts
    what they share several times.

    (1568, 784, 392, 20), 60 000 samples to train on and to validate, 10 000 to test; one pruning, one epoch a level.
    """
    given = [
        "dataset=mnist_fashion", f"dataset.folder={folder}", "model.hidden=[784,392]", f"seed={seeds}",
        "pruning/schedule=geometric", "pruning.schedule.rate=0.5", "pruning.schedule.levels=1",
        "trainer.batch_size=512", "trainer.max_epochs=1", "trainer.workers=2", "trainer.accelerator=cpu",
        "tracking=off", "pictures=false",
    ]  # fmt: skip
    try:
        prepare(compose(given), Path("nowhere"))
    except ConfigurationError as fault:
        raise NoImagesError(str(fault)) from None
    most: dict[str, float] = {}
    peaks: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as place:
        words = [sys.executable, "-m", "lth.run", *given, f"hydra.run.dir={place}/run"]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as program:
            while program.poll() is None:
                held = {process: _held(process) for process in _with_children(program.pid)}
                peaks |= {process: _peak(process) or peaks.get(process, 0.0) for process in held}
                main = held.pop(program.pid, 0.0)
                now = {"main process": main, "largest worker": max(held.values(), default=0.0)}
                now["all at once"] = main + sum(held.values())
                most = {name: max(value, most.get(name, 0.0)) for name, value in now.items()}
                time.sleep(_PAUSE)
    if program.returncode:
        raise RuntimeError(f"the run ended with exit code {program.returncode}")
    most["sum of all peaks"] = sum(peaks.values())
    data = {"samples as bytes": SAMPLES * INPUTS / _GIGABYTE, "samples as float32": 4 * SAMPLES * INPUTS / _GIGABYTE}
    return [{"what": name, "gigabytes": value} for name, value in (data | most).items()]


def _with_children(process: int) -> Iterator[int]:
    """A process and all that come from it."""
    yield process
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found = path.read_text().split()
        except OSError:  # it has ended
            continue
        for child in found:
            yield from _with_children(int(child))


def _held(process: int) -> float:
    """The gigabytes of a process, its share of shared pages among them; 0 once it has ended."""
    return _said(process, "smaps_rollup", "Pss:")


def _peak(process: int) -> float:
    """The most gigabytes that a process has had so far, shared pages included; 0 once it has ended."""
    return _said(process, "status", "VmHWM:")


def _said(process: int, file: str, key: str) -> float:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / _GIGABYTE for line in lines if line.startswith(key)), 0.0)
