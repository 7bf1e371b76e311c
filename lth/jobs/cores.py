"""How many cores a stack has for its workers: all that this process may use, or what a launcher gave to its job."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_SHARE: ContextVar[int | None] = ContextVar("share", default=None)


def available() -> int:
    """The cores that workers may use here."""
    usable = len(os.sched_getaffinity(0))
    share = _SHARE.get()
    return usable if share is None else max(1, min(share, usable))


@contextmanager
def shared(launcher: Mapping[str, Any]) -> Iterator[None]:
    """Within it only the cores are available that this launcher's configuration gives to each of its jobs."""
    token = _SHARE.set(_share(launcher))
    try:
        yield
    finally:
        _SHARE.reset(token)


def _share(launcher: Mapping[str, Any]) -> int | None:
    if "cpus_per_task" in launcher:  # submitit; Slurm gives one where nothing is asked for
        return launcher["cpus_per_task"] or 1
    if "ray" in launcher:  # as does Ray
        return max(1, int((launcher["ray"].get("remote") or {}).get("num_cpus", 1)))
    if "n_jobs" in launcher:  # joblib; -1 means as many jobs as cores, -2 one less
        cores, jobs = os.cpu_count() or 1, launcher["n_jobs"]
        return cores // (jobs if jobs > 0 else max(1, cores + 1 + jobs))
    return None
