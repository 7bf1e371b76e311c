"""Worker processes of one thread each that train jobs, largest first; one pool serves a whole sweep."""

import heapq
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import TracebackType
from typing import Any, Self

from lth.jobs.forking import warm_up, without_main
from lth.jobs.worker import JobOver, work

TICK = 0.2  # seconds after which the caller gets a turn even when no worker has said anything
GRACE = 0.5  # seconds that workers get to end on their own once they are asked to
TRAIN = "lth.training.train:train"


@dataclass(frozen=True)
class JobStarts:
    """A worker is about to get its job: nothing of it is done before the caller asks for the next event."""


@dataclass(frozen=True)
class WorkerLost:
    """A worker process died in the middle of its job (killed, or out of memory)."""

    exit_code: int | None


@dataclass(frozen=True)
class Event:
    """What is to say of a worker's job, by the job's key: JobStarts, JobOver, WorkerLost, or what the worker sent."""

    worker: int
    key: str
    job: Any
    message: Any


@dataclass
class _Worker:
    process: ForkServerProcess
    connection: Connection
    key: str = ""
    job: Any = None


class Pool:
    """One-thread worker processes; use as a context manager, `add` jobs, and read `events` until it ends.

    Workers import the training code once, in a server process that they are forked from. `entry` names what they call
    with a job that names nothing else, as `module:function`, so that nothing heavy is imported here.
    """

    def __init__(self, workers: int, entry: str = TRAIN) -> None:
        warm_up()
        self._entry = entry
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._queue: list[tuple[float, int, str, str, Any]] = []
        self._added = 0
        self._stopping = False
        self._told: float | None = None  # when the workers were asked to stop
        self._workers = [self._start() for _ in range(workers)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.connection.close()
        if kind is not None:
            self.kill()
        for worker in self._workers:
            worker.process.join(timeout=5)
        self.kill()

    def add(self, key: str, job: object, cost: float, entry: str | None = None) -> None:
        """Queue a job under a key of the caller's; the most costly jobs start first."""
        if not self._stopping:
            self._added += 1
            heapq.heappush(self._queue, (-cost, self._added, key, entry or self._entry, job))

    def events(self) -> Iterator[Event | None]:
        """What the workers say, and None several times a second; ends when no job is queued or running."""
        while True:
            self._pass_stop_on()
            yield from self._hand_out()
            busy = {worker.connection: number for number, worker in enumerate(self._workers) if worker.job is not None}
            if not busy:
                return
            ready = wait(list(busy), timeout=TICK)
            for connection in ready:
                yield self._read(busy[connection])  # type: ignore[index]
            yield None

    def stop(self) -> None:
        """Ask every worker to stop after the epoch that it is in; no queued job starts any more.

        Those that do not are ended soon: nothing that is finished is lost. A signal's handler may call it: it comes
        between any two steps of `events`, which alone speaks to workers.
        """
        self._stopping = True

    def kill(self) -> None:
        """End all workers at once; the levels that they finished are on disk."""
        self._stopping = True
        for worker in self._workers:
            if worker.process.is_alive():
                worker.process.kill()

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs,), daemon=True)
        with without_main():
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def _pass_stop_on(self) -> None:
        if not self._stopping:
            return
        if self._told is not None:
            if time.monotonic() - self._told > GRACE:  # an epoch or a picture that takes long: nothing finished is lost
                self.kill()
            return
        self._told = time.monotonic()
        self._queue.clear()
        for worker in self._workers:
            if worker.job is not None:
                with suppress(OSError):  # it is lost, and `_read` finds out
                    worker.connection.send(None)

    def _hand_out(self) -> Iterator[Event]:
        for number, worker in enumerate(self._workers):
            if worker.job is None and self._queue and not self._stopping:
                _, _, key, entry, job = heapq.heappop(self._queue)
                yield Event(number, key, job, JobStarts())
                if self._stopping:  # asked meanwhile: it is dropped, as what is queued
                    return
                if not worker.process.is_alive():  # killed while it waited
                    worker.connection.close()
                    worker = self._workers[number] = self._start()
                worker.key, worker.job = key, job
                with suppress(OSError):  # killed right now: `_read` finds out
                    worker.connection.send((entry, worker.job))

    def _read(self, number: int) -> Event:
        worker = self._workers[number]
        assert worker.job is not None
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(timeout=5)
            event = Event(number, worker.key, worker.job, WorkerLost(worker.process.exitcode))
            worker.connection.close()
            self._workers[number] = _Worker(worker.process, worker.connection) if self._stopping else self._start()
            return event
        event = Event(number, worker.key, worker.job, message)
        if isinstance(message, JobOver):
            worker.job = None
        return event
