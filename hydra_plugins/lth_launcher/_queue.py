"""Which jobs Slurm has in its queue, and the wait for those that a sweep submitted.

Hydra leaves modules out of its search for plugins whose names begin with an underscore.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from submitit import Job  # pyright: ignore[reportMissingImports]

TICK = 0.5  # seconds between two looks for results
ASK = 10.0  # seconds between two questions to Slurm, which has many users


def queued() -> set[str] | None:
    """The ids of this user's jobs that wait or run, as 12 or, in an array, 12_3; None where Slurm is silent."""
    command = ["squeue", "--noheader", "--array", f"--user={os.getuid()}", "--format=%i"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return set(said.split())


def open_jobs(folder: Path, queue: set[str]) -> list[str]:
    """Those in the queue that submitit has a folder of in `folder`, and that have left no result there yet."""
    return sorted(job for job in queue if (folder / job).is_dir() and not any((folder / job).glob("*_result.pkl")))


def wait_for(jobs: "Sequence[Job]") -> None:
    """Return when every job has left a result or, asked twice, is no longer in the queue."""
    waiting = {job.job_id: job for job in jobs}
    missed: set[str] = set()
    asked = time.monotonic()
    while waiting:
        time.sleep(TICK)
        if time.monotonic() - asked > ASK:
            queue = queued()
            gone = set() if queue is None else waiting.keys() - queue
            for job in gone & missed:
                del waiting[job]
            missed, asked = gone, time.monotonic()
        waiting = {name: job for name, job in waiting.items() if not _answered(job)}


def _answered(job: "Job") -> bool:
    with suppress(OSError):  # network file systems look afresh after this
        job.paths.folder.chmod(job.paths.folder.stat().st_mode)
    return job.paths.result_pickle.exists()
