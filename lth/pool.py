"""Worker processes of one thread each that train jobs, largest first; one pool serves a whole sweep."""

import heapq
import multiprocessing
import os
import signal
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lth.messages import Message

if TYPE_CHECKING:
    from lth.job import Job

TICK = 0.5  # seconds after which the caller gets a turn even when no worker has said anything


@dataclass(frozen=True)
class JobOver:
    """A worker is through with its job; `error` says in one line what went wrong, None when nothing did."""

    error: str | None = None


@dataclass(frozen=True)
class WorkerLost:
    """A worker process died in the middle of its job (killed, or out of memory)."""

    exit_code: int | None


@dataclass(frozen=True)
class Event:
    """What a worker said about the job that it was given under this key."""

    worker: int
    key: str
    job: "Job"
    message: Message | JobOver | WorkerLost


@dataclass
class _Worker:
    process: ForkServerProcess
    connection: Connection
    key: str = ""
    job: "Job | None" = None


def warm_up() -> None:
    """Start the server that workers are forked from, so that it imports the training code while the caller goes on."""
    # Threads of a worker would only fight over cores; libraries read this when they are first imported.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    # Children are told their parent's default method, and refuse one that a library added to the parent alone (loky).
    if multiprocessing.get_start_method(allow_none=True) not in (None, *multiprocessing.get_all_start_methods()):
        multiprocessing.set_start_method("forkserver", force=True)
    multiprocessing.get_context("forkserver").set_forkserver_preload(["lth.train"])
    forkserver.ensure_running()


class Pool:
    """One-thread worker processes; use as a context manager, `add` jobs, and read `events` until it ends.

    Workers import the training code once, in a server process that they are forked from.
    """

    def __init__(self, workers: int) -> None:
        warm_up()
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._queue: list[tuple[float, int, str, Job]] = []
        self._added = 0
        self._stopping = False
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

    def add(self, key: str, job: "Job", cost: float) -> None:
        """Queue a job under a key of the caller's; the most costly jobs start first."""
        if not self._stopping:
            self._added += 1
            heapq.heappush(self._queue, (-cost, self._added, key, job))

    def events(self) -> Iterator[Event | None]:
        """What the workers say, and None at least every half second; ends when no job is queued or running."""
        while True:
            self._hand_out()
            busy = {worker.connection: number for number, worker in enumerate(self._workers) if worker.job is not None}
            if not busy:
                return
            ready = wait(list(busy), timeout=TICK)
            for connection in ready:
                yield self._read(busy[connection])  # type: ignore[index]
            yield None

    def stop(self) -> None:
        """Ask every worker to stop after the epoch that it is in; no queued job starts any more."""
        self._stopping = True
        self._queue.clear()
        for worker in self._workers:
            if worker.job is not None:
                worker.connection.send(None)

    def kill(self) -> None:
        """End all workers at once; the levels that they finished are on disk."""
        self._stopping = True
        for worker in self._workers:
            if worker.process.is_alive():
                worker.process.kill()

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _hand_out(self) -> None:
        for worker in self._workers:
            if worker.job is None and self._queue:
                _, _, worker.key, worker.job = heapq.heappop(self._queue)
                worker.connection.send(worker.job)

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


def _work(connection: Connection) -> None:
    """A worker's life: take jobs and train them until the connection closes."""
    # Ctrl-C reaches the whole process group; the main process tells workers when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import torch

    from lth.train import train

    torch.set_num_threads(1)
    while True:
        try:
            job: Job | None = connection.recv()
        except (EOFError, OSError):
            return
        if job is None:
            continue
        try:
            train(job, connection.send, connection.poll)
            over = JobOver()
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 a worker must outlive any job and say what happened
            over = JobOver(_one_line(error))
        try:
            connection.send(over)
        except OSError:
            return


def _one_line(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = " ".join(str(error).split()) or "no further text"
    return f"{type(error).__name__}: {text} ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})"
