"""Sweeps of the command line, reduced, for every launcher: started as a user does, and compared bit for bit."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from pandas.testing import assert_frame_equal

REDUCED = ["-m", "dataset.n_train=200", "dataset.n_val=200", "dataset.n_test=100", "trainer.patience=4",
           "tracking=off", "seed=0..1"]  # fmt: skip


def command(*arguments: str) -> list[str]:
    """`python -m lth.run -m` with the reduced configuration."""
    return [sys.executable, "-m", "lth.run", *REDUCED, *arguments]


def sweep(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one to its end."""
    return subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, check=False)


def tickets(folder: Path) -> dict[str, int]:
    """All tickets of a sweep with their times, by which one that was trained again is known."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.glob("*/tickets/*/*.safetensors")}


def assert_same(ours: Path, theirs: Path) -> None:
    """The same tickets, byte for byte, and the same tables."""
    assert tickets(ours).keys() == tickets(theirs).keys()
    assert all((ours / name).read_bytes() == (theirs / name).read_bytes() for name in tickets(ours))
    stacks = sorted(path.name for path in theirs.glob("[0-9]*"))
    assert stacks
    for stack in stacks:
        for table in ("levels", "epochs"):
            read = [pd.read_parquet(folder / stack / f"{table}.parquet") for folder in (ours, theirs)]
            mine, other = (rows.sort_values(["seed", "level"], kind="stable", ignore_index=True) for rows in read)
            assert_frame_equal(mine, other, check_exact=True)


def wait_until(there: Callable[[], object], seconds: float = 600) -> None:
    """Return once it is so; fails after these seconds."""
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.02)


def processes(of: Sequence[str]) -> list[int]:
    """The processes whose command line or environment has all these words, the oldest first."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes() + b"\0" + (place / "environ").read_bytes()
        except OSError:
            continue
        if int(place.name) != os.getpid() and all(word.encode() in words for word in of):
            found.append(int(place.name))
    return sorted(found)
