"""A command's seconds: of the clock, and of the processor, which stay fair on a machine that is shared."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seconds:
    """What a command took: on the clock, and on all processors by it and by the processes that it waited for."""

    clock: float
    processor: float


def timed(command: Sequence[str], folder: Path | None = None) -> Seconds:
    """Run a command, in `folder` if given, without its output. Raises CalledProcessError when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Seconds(time.perf_counter() - began, used.ru_utime + used.ru_stime)
