"""A command's seconds: of the clock, and of the processor, which stay fair on a machine that is shared."""

import ctypes
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass(frozen=True)
class Seconds:
    """What a command took: on the clock, and on all processors by it and by every process that it started."""

    clock: float
    processor: float


def timed(command: Sequence[str], folder: Path | None = None) -> Seconds:
    """Run a command, in `folder` if given, without its output. Raises CalledProcessError when it fails. Linux only."""
    # Workers outlive the process that they were forked from for a moment: those left behind become ours to wait for.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    clock, process.returncode = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
    if status:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Seconds(clock, used.ru_utime + used.ru_stime + _left_behind())


def _left_behind() -> float:
    """Processor seconds of the processes that a command left behind, once they have ended."""
    spent = 0.0
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return spent
        spent += used.ru_utime + used.ru_stime
