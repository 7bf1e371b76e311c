"""From a signal to the end: asked once at the next safe point, asked twice at once."""

import signal
from types import FrameType
from typing import Self

from lth.pool import Pool


class Stopped(KeyboardInterrupt):
    """Training ended on request: by Ctrl-C, SIGTERM or SIGHUP, as `signal` says. All that was finished is recorded."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.signal = number


class Stopper:
    """Turns Ctrl-C, SIGTERM and SIGHUP into a request to stop; a second one ends the workers at once.

    It starts before the pool does, for an exception must not come between two steps of starting workers. Once
    `closing` is set, what is left to do is interrupted, too.
    """

    def __init__(self) -> None:
        self._pool: Pool | None = None
        self.signal: int | None = None
        self.closing = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
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

    def _ask(self, number: int, _: FrameType | None) -> None:
        first, self.signal = self.signal is None, self.signal or number
        if self._pool is not None:
            self._pool.stop() if first else self._pool.kill()
        if not first and (self.closing or self._pool is None):
            raise Stopped(number)
