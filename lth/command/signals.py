"""Ctrl-C, SIGTERM and SIGHUP before and after training: they end the program wherever it is.

An exception that is raised in the midst of foreign code may come out as another one, or not at all: it is raised while
a module is imported, a lock let go or an object finalised. So the request is remembered as well as raised.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

_asked: list[int] = []  # the signals that came, the first one first


class Terminated(KeyboardInterrupt):
    """A signal asked the program to end; `signal` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = number


def asked() -> int | None:
    """The first signal that asked for the end, whatever became of the exception that it raised."""
    return _asked[0] if _asked else None


def end_if_asked() -> None:
    """Raise Terminated where the exception of an earlier signal was lost on its way."""
    if _asked:
        raise Terminated(_asked[0])


@contextmanager
def ending() -> Iterator[None]:
    """Within it signals raise Terminated, where it can be caught; they belong to the main thread."""
    _asked.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if _heard(number)]
    before, hook = {number: signal.signal(number, _end) for number in numbers}, sys.unraisablehook
    sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, Terminated) else hook(lost)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def _heard(number: int) -> bool:
    return signal.getsignal(number) != signal.SIG_IGN  # ignored: nohup, or a shell's `&`, asked for it


def _end(number: int, _: object) -> NoReturn:
    _asked.append(number)
    raise Terminated(_asked[0])
