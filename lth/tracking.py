"""The mirror in W&B of one stack, written by a thread of its own that training never waits for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lth.messages import LevelDone
from lth.wandb_runs import UPLOAD_WAIT, Mode, SeedRuns, Stack, Tracking

__all__ = ["Mode", "Tracker", "Tracking", "drain"]

CAPACITY = 10_000  # messages that may wait for W&B, all seeds of a stack together
OFFLINE_WAIT = 15.0  # seconds that closing a stack waits for files on this machine
_open: list[Tracker] = []  # trackers whose runs are not all finished, for drain()


class Tracker:
    """Mirrors one stack. No method waits for W&B (but `finish`, offline, for its files) and none raises for it.

    The first failure ends the mirroring of this stack and is the one text in `warnings`.
    """

    def __init__(self, folder: Path, stack: Stack, run_id: str, *, capacity: int = CAPACITY) -> None:
        self._tracking = stack.tracking
        self._runs = SeedRuns(folder, stack, run_id)
        self._messages: queue.Queue[Callable[[], None] | None] = queue.Queue(capacity)
        self._texts: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._broken = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"W&B {run_id}", daemon=True)
        if self._tracking.mode != "off":
            _open.append(self)
            self._thread.start()

    def level(self, done: LevelDone) -> None:
        """One row per level, and the curves of its epochs when asked for."""
        self._send(lambda: self._runs.level(done))

    def ticket(self, seed: int, level: int, picture: Path, ticket: Path) -> None:
        """The picture and the file of a seed's ticket, as far as asked for."""
        if self._tracking.picture or self._tracking.ticket:
            self._send(lambda: self._runs.ticket(seed, level, picture, ticket))

    def finish(self, seeds: Mapping[str, Mapping[str, Any]]) -> None:
        """Finish every W&B run, with what summary.json says of each seed; uploads go on behind, see `drain`."""
        self._send(lambda: self._runs.end(seeds))
        self._send(None)
        if self._tracking.mode == "offline":
            self.wait(OFFLINE_WAIT)

    def wait(self, seconds: float) -> None:
        """Wait until every run is finished, for so long at most."""
        if self not in _open:
            return
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._fail(f"not done after {seconds:g} s")
        _open.remove(self)

    def warnings(self) -> list[str]:
        """The texts since the last call: at most one over the life of a tracker."""
        return [self._texts.get() for _ in range(self._texts.qsize())]

    def _send(self, message: Callable[[], None] | None) -> None:
        if self._tracking.mode == "off" or self._broken.is_set():
            return
        try:
            self._messages.put_nowait(message)
        except queue.Full:
            self._fail(f"it is {self._messages.maxsize} messages behind")

    def _fail(self, reason: str) -> None:
        if not self._broken.is_set():
            self._broken.set()
            self._texts.put(f"W&B stopped mirroring, the run folder is not affected: {reason}")

    def _work(self) -> None:
        try:
            while not self._broken.is_set():
                message = self._next()
                if message is None:
                    return
                message()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever W&B raises must not reach training
            self._fail(f"{type(error).__name__}: {error}".splitlines()[0])
        finally:
            self._runs.abandon()

    def _next(self) -> Callable[[], None] | None:
        # `_broken` may be set while nothing comes, and nothing may come for hours: look up once a second
        while not self._broken.is_set():
            try:
                return self._messages.get(timeout=1.0)
            except queue.Empty:
                continue
        return None


def drain(seconds: float = UPLOAD_WAIT) -> list[str]:
    """Wait for the uploads of all stacks of this process, for so long at most; what went wrong, as texts to show."""
    until = time.monotonic() + seconds
    trackers = list(_open)
    for tracker in trackers:
        tracker.wait(max(0.0, until - time.monotonic()))
    return [text for tracker in trackers for text in tracker.warnings()]
