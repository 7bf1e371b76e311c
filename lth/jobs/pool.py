"""Worker processes of one thread each that train jobs, largest first; one pool serves a whole sweep."""

import heapq
import multiprocessing
import os
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver, util
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from pkgutil import resolve_name
from types import TracebackType
from typing import Any, Self

from lth.files.atomic import RecordError
from lth.settings import ConfigurationError

TICK = 0.2  # seconds after which the caller gets a turn even when no worker has said anything
GRACE = 0.5  # seconds that workers get to end on their own once they are asked to
LONGEST = 70  # bytes of a folder for sockets: with what multiprocessing adds, a socket's path may have 107
TRAIN = "lth.training.train:train"


@dataclass(frozen=True)
class JobStarts:
    """A worker is about to get its job: nothing of it is done before the caller asks for the next event."""


@dataclass(frozen=True)
class JobOver:
    """A worker is through with its job; `error` says in one line what went wrong, None when nothing did.

    A folder that cannot be written is no matter of one job: it comes as the RecordError that it is.
    """

    error: str | RecordError | None = None


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


def warm_up() -> None:
    """Start the server that workers are forked from, so that it imports the training code while the caller goes on."""
    # Threads of a worker would only fight over cores; libraries read this when they are first imported.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    # Children are told their parent's default method, and refuse one that a library added to the parent alone (loky).
    if multiprocessing.get_start_method(allow_none=True) not in (None, *multiprocessing.get_all_start_methods()):
        multiprocessing.set_start_method("forkserver", force=True)
    multiprocessing.get_context("forkserver").set_forkserver_preload(["lth.training.train"])
    _choose_place()
    forkserver.ensure_running()


def _choose_place() -> None:
    """Let multiprocessing have its sockets in TMPDIR, or where that is too long for them, elsewhere.

    Raises ConfigurationError where there is no place for them.
    """
    try:
        usual = tempfile.gettempdir()
    except OSError as error:
        raise ConfigurationError(
            "TMPDIR", os.environ.get("TMPDIR"), f"no folder to write to ({error.strerror})"
        ) from None
    for place in (usual, os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp", "/dev/shm"):
        if Path(place).is_absolute() and len(os.fsencode(place)) <= LONGEST and os.access(place, os.W_OK | os.X_OK):
            tempfile.tempdir = place
            try:
                util.get_temp_dir()  # it keeps to the first that it gave
            finally:
                tempfile.tempdir = usual
            return
    allowed = f"must have at most {LONGEST} bytes, for sockets are in it, and no other folder can be written"
    raise ConfigurationError("TMPDIR", usual, allowed)


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
        process = self._context.Process(target=_work, args=(theirs,), daemon=True)
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


def _work(connection: Connection) -> None:
    """A worker's life: take jobs and carry them out until the connection closes."""
    # These reach the whole process group; the main process tells workers when to stop.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    import torch

    torch.set_num_threads(1)
    while True:
        try:
            asked = connection.recv()
        except (EOFError, OSError):
            return
        if asked is None:
            continue
        try:
            entry, job = asked
            resolve_name(entry)(job, connection.send, connection.poll)
            over = JobOver()
        except BrokenPipeError:
            return
        except RecordError as error:
            over = JobOver(error)
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
