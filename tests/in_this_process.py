"""A pool of workers without any process, for tests of what goes through it."""

from collections.abc import Iterator
from pkgutil import resolve_name
from typing import Any

from lth.jobs.pool import Event, JobOver, JobStarts


class InThisProcess:
    """Stands in for the pool of workers: trains each job in turn, so that no process has to start; use one thread."""

    def __init__(self, workers: int, entry: str = "lth.training.train:train") -> None:
        self._train = resolve_name(entry)
        self._jobs: list[tuple[str, Any, str | None]] = []

    def __enter__(self) -> "InThisProcess":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add(self, key: str, job: Any, cost: float, entry: str | None = None) -> None:
        self._jobs.append((key, job, entry))

    def events(self) -> Iterator[Event]:
        for key, job, entry in self._jobs:  # more come while the first are carried out
            yield Event(0, key, job, JobStarts())
            said: list[Any] = []
            (resolve_name(entry) if entry else self._train)(job, said.append)
            yield from (Event(0, key, job, message) for message in [*said, JobOver()])
