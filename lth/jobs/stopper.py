"""Signals as requests to stop: training ends at the next safe point, or at once when asked twice."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

from lth.jobs.pool import Pool


class Stopped(KeyboardInterrupt):
    """Training ended on request: by Ctrl-C, SIGTERM or SIGHUP, as `signal` says. All that was finished is recorded."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.signal = number


class Stopper:
    """Turns Ctrl-C, SIGTERM and SIGHUP into a request to stop; a second one ends the workers at once.

    It starts before the pool does, for an exception must not come between two steps of starting workers. Once
    `closing` is set, a second one interrupts what is left to do, too; within `interrupting` the first one does.
    """

    def __init__(self) -> None:
        self._pool: Pool | None = None
        self.signal: int | None = None
        self._since = 0.0, 0.0  # when the first one came, and what this process had worked by then
        self.closing = False
        self._interrupting = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():  # signals belong to the main one
            return self
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # ignored: nohup asked for it
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def stops(self, pool: Pool) -> None:
        """This is the pool to stop, at once where a signal has come already."""
        self._pool = pool
        if self.signal is not None:
            pool.stop()

    def asked(self, seconds: float, work: float) -> bool:
        """Whether a request is as old as that, or as many processor seconds of this process."""
        since, worked = self._since
        old = time.monotonic() - since > seconds or time.process_time() - worked > work
        return self.signal is not None and old

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Within it nothing waits to be finished: a request to stop is answered at once."""
        self._interrupting = True
        try:
            if self.signal is not None:
                raise Stopped(self.signal)
            yield
        finally:
            self._interrupting = False

    def _ask(self, number: int, _: FrameType | None) -> None:
        first, self.signal = self.signal is None, self.signal or number
        if first:
            self._since = time.monotonic(), time.process_time()
        if self._pool is not None:
            self._pool.stop() if first else self._pool.kill()
        if self._interrupting or (not first and (self.closing or self._pool is None)):
            raise Stopped(self.signal)
