"""The mirror of one stack in its tracker, written by a thread of its own that training never waits for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lth.settings.modes import EXTRAS, Mode
from lth.tracking.protocol import Tracking
from lth.tracking.runs import Mirrored, SeedRuns
from lth.tracking.service import end_service, give_up, given_up
from lth.training.messages import LevelDone

__all__ = ["Mode", "Tracker", "Tracking", "drain"]

OFFLINE_WAIT = 15.0  # seconds without any progress after which files on this machine are given up
EXTRA_WAIT = 60.0  # the same where a library makes a database first
UPLOAD_WAIT = 30.0  # seconds that uploads get once training is over
LOOK = 0.1  # seconds between two looks at whether a thread is done
Message = Callable[[SeedRuns], None]
_open: list[Tracker] = []  # trackers whose runs may not all be finished, for drain()
_said = threading.Event()  # W&B's failure is told once in a process, not once a stack
_progress = [0.0]  # when any tracker of this process last got a message through


class Tracker:
    """Mirrors one stack. No method waits for the tracker and none raises for it; `drain` waits, for all of them.

    A failure online ends what this process has online: its stacks are then recorded offline, from their first level.
    A failure offline ends the mirroring of the stack. The first failure of a process is the one text in `warnings`.
    """

    def __init__(self, folder: Path, stack: Mirrored, run_id: str) -> None:
        self._tracking = stack.tracking
        self._called = stack.tracking.mode if stack.tracking.mode in EXTRAS else "W&B"
        self._online = stack.tracking.mode == "wandb_online" and not given_up.is_set()
        self._broken = threading.Event()
        self._new_runs = lambda: SeedRuns(folder, stack, run_id, online=self._online, broken=self._broken.is_set)
        # unbounded: a message holds nothing that the recorder does not hold anyway
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._past: list[Message] = []  # what went online, to say it again offline
        self._texts: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"{self._called} {run_id}", daemon=True)
        if self._tracking.mode != "off":
            _open.append(self)
            self._thread.start()

    @property
    def uploads(self) -> bool:
        """Whether it was to send anything, whatever came of it."""
        return self._tracking.mode == "wandb_online"

    def level(self, done: LevelDone) -> None:
        """One row per level, and the curves of its epochs when asked for."""
        self._send(lambda runs: runs.level(done))

    def ticket(self, seed: int, level: int, picture: Path, ticket: Path) -> None:
        """The picture and the file of a seed's ticket, as far as asked for."""
        if self._tracking.picture or self._tracking.ticket:
            self._send(lambda runs: runs.ticket(seed, level, picture, ticket))

    def finish(self, seeds: Mapping[str, Mapping[str, Any]]) -> None:
        """Finish every run, with what summary.json says of each seed; nothing may follow."""
        self._send(lambda runs: runs.end(seeds))
        self._send(None)

    def wait(self, until: float, leave: Callable[[], bool]) -> None:
        """Wait until every run is finished, online until this moment at most; what is not is recorded offline.

        Once `leave` says yes, nothing is waited for any more: the next start of the stack sends all of it again.
        """
        self._send(None)  # where an error kept the stack from ever being finished
        self._join(lambda: not self._online or time.monotonic() > until or leave())
        if self._thread.is_alive() and self._online:
            self._leave("it was still not done when training was over")
        began, patience = time.monotonic(), OFFLINE_WAIT if self._called == "W&B" else EXTRA_WAIT
        self._join(lambda: time.monotonic() > max(began, _progress[0]) + patience or leave())
        if self._thread.is_alive():
            waited = f"nothing went on for {patience:g} s"
            self._fail("it was not done when asked to stop; the next start sends it again" if leave() else waited)
        _open.remove(self)

    def warnings(self) -> list[str]:
        """The texts since the last call: at most one over the life of a process."""
        return [self._texts.get() for _ in range(self._texts.qsize())]

    def _join(self, over: Callable[[], bool]) -> None:
        while self._thread.is_alive() and not over():
            self._thread.join(LOOK)

    def _send(self, message: Message | None) -> None:
        if self._tracking.mode != "off" and not self._broken.is_set():
            self._messages.put(message)

    def _leave(self, reason: str) -> None:
        if give_up():
            self._say(f"W&B failed and is recorded offline from here on, `make wandb-sync` sends it: {reason}")

    def _fail(self, reason: str) -> None:
        if not self._broken.is_set():
            self._broken.set()
            self._say(f"{self._called} stopped mirroring, the run folder is not affected: {reason}")

    def _say(self, text: str) -> None:
        if not _said.is_set():
            _said.set()
            self._texts.put(text)

    def _work(self) -> None:
        try:
            if self._online:
                self._work_online()
            if not self._online:
                self._mirror(self._new_runs())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a tracker raises must not reach training
            self._fail(_line(error))

    def _work_online(self) -> None:
        try:
            self._mirror(self._new_runs())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
            self._leave(_line(error))
            self._online = False

    def _mirror(self, runs: SeedRuns) -> None:
        """Pass every message on until the last one; online each is kept, offline those kept go first."""
        try:
            for message in () if self._online else self._past:
                self._pass(message, runs)
            while (message := self._next()) is not None:
                if self._online:
                    self._past.append(message)
                self._pass(message, runs)
        finally:
            if not self._online:  # online W&B may be what failed: `end_service` ends what is left open
                runs.abandon()

    def _pass(self, message: Message, runs: SeedRuns) -> None:
        message(runs)
        _progress[0] = time.monotonic()

    def _next(self) -> Message | None:
        # `_broken` may be set while nothing comes, and nothing may come for hours: look up once a second
        while not self._broken.is_set():
            try:
                return self._messages.get(timeout=1.0)
            except queue.Empty:
                continue
        return None


def drain(seconds: float = UPLOAD_WAIT, leave: Callable[[], bool] = lambda: False) -> list[str]:
    """Wait until all tracked runs of this process are finished, uploads for so long at most; texts for the user.

    Once `leave` says yes, it waits for nothing and nobody: whoever asked wants to be gone.
    """
    until = time.monotonic() + seconds
    trackers = list(_open)
    for tracker in trackers:
        tracker.wait(until, leave)
    if any(tracker.uploads for tracker in trackers) or leave():
        end_service()
    return [text for tracker in trackers for text in tracker.warnings()]


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
