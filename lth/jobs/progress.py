"""What the user sees while stacks train: a live display, or plain lines where output is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from lth.jobs.endtable import level_figures
from lth.jobs.liveview import STOPPING, view
from lth.jobs.overall import Overall
from lth.jobs.standing import StackProgress
from lth.jobs.wording import duration
from lth.terminal import heard, output
from lth.training.messages import LevelDone, Progress, SeedFailed, Warned


class Display:
    """Shows the stacks of a run or a sweep; use as a context manager.

    `live` None means: a live display on a terminal that can move its cursor, else one line for each level that all
    seeds of a stack have done. `workers` are those that there are, `guess` the seconds of a worker per unit of cost
    before any were measured, and `stopping` tells whether the user asked to stop.
    """

    def __init__(
        self,
        stacks: Sequence[StackProgress],
        console: Console | None = None,
        live: bool | None = None,
        *,
        workers: int = 1,
        guess: float | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.console = console or output()
        self._overall = Overall(stacks, workers, guess)
        self._told: set[str] = set()
        self._stopping, self._over = stopping, False
        wanted = self.console.is_terminal and not self.console.is_dumb_terminal if live is None else live
        self._live = Live(console=self.console, get_renderable=self._render, refresh_per_second=4) if wanted else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        if self._live:
            with heard():
                self._live.stop()

    def given(self, name: str, worker: int, doing: str) -> None:
        """A worker gets a job of this stack, and is about this until it says where it is."""
        with self._overall.changing(name, "running") as stack:
            stack.began = stack.began or time.monotonic()
            self._overall.given(name, worker, doing)

    def running(self, name: str, finished: Sequence[LevelDone] = ()) -> None:
        """A stack starts, with the levels that an earlier process finished: they are shown and cost no time."""
        with self._overall.changing(name, "running") as stack:
            for done in finished:
                stack.add(done)

    def progress(self, name: str, worker: int, message: Progress) -> None:
        """Where a worker on this stack is."""
        self._overall.at(name, worker, message)

    def idle(self, name: str, worker: int) -> None:
        """This worker no longer works on this stack."""
        self._overall.idle(name, worker)

    def level(self, name: str, done: LevelDone) -> None:
        """A level of one seed is done."""
        self._overall.level(name, done)
        if not self._live:
            self._say_level(name, done.level)

    def failed(self, name: str, failure: SeedFailed) -> None:
        """A seed of this stack ended early."""
        with self._overall.changing(name) as stack:
            stack.lose(failure.seed)
        place = f"seed {failure.seed} failed at level {failure.level}, epoch {failure.epoch}"
        self.say(f"{self._prefix(name)}{place}: {failure.reason}")

    def done(self, name: str, how: str = "done") -> None:
        """A stack is over, whatever became of it: done, or as `how` says."""
        self._overall.leave(name)
        with self._overall.changing(name, "waiting" if how == "stopped" else "done") as stack:
            outcomes, elapsed = stack.outcomes(), stack.elapsed
            stack.rows.clear()
        if len(self._overall.stacks) > 1:
            took = "before" if elapsed is None else f"after {duration(elapsed)}"
            self.say(f"{self._prefix(name)}{how} {took}, {outcomes or 'no level yet'}")
            if not self._live:
                self.say(self.overall())

    def warn(self, message: Warned) -> None:
        """Say a warning once."""
        if message.text not in self._told:
            self._told.add(message.text)
            self.say(f"warning: {message.text}")

    def acknowledge(self) -> None:
        """Say, once, that the user was heard who asked to stop."""
        if STOPPING not in self._told:
            self._told.add(STOPPING)
            self.say(STOPPING)

    def say(self, text: str) -> None:
        """One plain line, above the live display where there is one."""
        with heard():
            self.console.print(Text(text), soft_wrap=True)

    def left(self) -> float | None:
        """Seconds left, as `Overall` tells them."""
        return self._overall.left()

    def overall(self) -> str:
        """The line about all stacks."""
        return " · ".join(self._overall.words(*self._times()))

    def _times(self) -> tuple[float, float | None]:
        """Seconds that are over, and that are left by the estimate; None without one, and once all is over."""
        return self._overall.elapsed(), None if self._over else self.left()

    def _prefix(self, name: str) -> str:
        return f"{name}: " if len(self._overall.stacks) > 1 else ""

    def _say_level(self, name: str, level: int) -> None:
        stack = self._overall.stacks[name]
        rows = list(stack.rows[level].values())
        if stack.rows[level].keys() | stack.lost < set(stack.seeds):
            return
        figures = level_figures(level, rows)
        self.say(
            f"{self._prefix(name)}level {level}/{stack.levels}  keep {figures[1]}  active {figures[2]}  "
            f"val loss {figures[5]}  accuracy {figures[6]}  separated {figures[7]}"
        )

    def _render(self) -> Group:
        elapsed, left = self._times()
        first, second, *times = self._overall.words(elapsed, left)
        stopping = [STOPPING] if self._stopping() and not self._over else []
        lines = [f"{first} · {second}", *stopping, " · ".join(times)]
        share = 0.0 if left is None else elapsed / (elapsed + left or 1.0)  # without an estimate nothing is told yet
        return view(self._overall.rows(), lines, *self.console.size, share=None if self._over else share)
