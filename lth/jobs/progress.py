"""What the user sees while stacks train: a live display, or plain lines where output is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from lth.jobs.endtable import level_figures
from lth.jobs.liveview import STOPPING, Row, view
from lth.jobs.standing import StackProgress, State
from lth.jobs.timeleft import TimeLeft
from lth.jobs.wording import clock, duration
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
        self._stacks = {stack.name: stack for stack in stacks}
        self._counts: dict[State, int] = {"done": 0, "running": 0, "waiting": len(stacks)}
        self._running: dict[str, StackProgress] = {}
        self._time, self._seeds, self._separated = TimeLeft(guess), sum(len(stack.seeds) for stack in stacks), 0
        for stack in stacks:
            self._time.waits(stack)
        self._workers: dict[tuple[str, int], Progress] = {}
        self._others: dict[tuple[str, int], str] = {}  # what workers are about that train nothing yet, or no more
        self._told: set[str] = set()
        self._began = self._seen = time.monotonic()
        self._most, self._stopping, self._over = workers, stopping, False
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
        with self._changing(name, "running") as stack:
            stack.began = stack.began or time.monotonic()
            self._others[name, worker] = doing

    def running(self, name: str, finished: Sequence[LevelDone] = ()) -> None:
        """A stack starts, with the levels that an earlier process finished: they are shown and cost no time."""
        with self._changing(name, "running") as stack:
            for done in finished:
                stack.add(done)

    def progress(self, name: str, worker: int, message: Progress) -> None:
        """Where a worker on this stack is."""
        self._count()
        self._others.pop((name, worker), None)
        self._workers[name, worker] = message
        self._most = max(self._most, len(self._workers))

    def idle(self, name: str, worker: int) -> None:
        """This worker no longer works on this stack."""
        self._count()
        self._others.pop((name, worker), None)
        self._workers.pop((name, worker), None)

    def level(self, name: str, done: LevelDone) -> None:
        """A level of one seed is done."""
        self._count()
        with self._changing(name) as stack:
            seconds, cost = stack.under_way, stack.add(done)
            stack.measured, stack.units = stack.spent, stack.units + cost
            self._time.measured(stack, seconds, cost)
        if not self._live:
            self._say_level(name, done.level)

    def failed(self, name: str, failure: SeedFailed) -> None:
        """A seed of this stack ended early."""
        with self._changing(name) as stack:
            stack.lose(failure.seed)
        place = f"seed {failure.seed} failed at level {failure.level}, epoch {failure.epoch}"
        self.say(f"{self._prefix(name)}{place}: {failure.reason}")

    def done(self, name: str, how: str = "done") -> None:
        """A stack is over, whatever became of it: done, or as `how` says."""
        self._count()
        with self._changing(name, "waiting" if how == "stopped" else "done") as stack:
            outcomes, elapsed = stack.outcomes(), stack.elapsed
            stack.rows.clear()
        for known in (self._workers, self._others):
            for key in [key for key in known if key[0] == name]:
                del known[key]
        if len(self._stacks) > 1:
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
        """Seconds left, from what the levels of each size took here, or from the guess before a level is done.

        A stack none of whose levels is done here goes by those nearest in cost.
        """
        self._count()
        seconds = self._time.seconds(list(self._running.values()))
        return None if seconds is None else seconds / self._most

    @contextmanager
    def _changing(self, name: str, state: State | None = None) -> Iterator[StackProgress]:
        """What changes of a stack within it, its state at the end included, goes into the sums over all stacks."""
        stack = self._stacks[name]
        separated = len(stack.separated)
        if stack.state == "waiting":
            self._time.waits(stack, -1)
        yield stack
        self._counts[stack.state] -= 1
        stack.state = state or stack.state
        self._counts[stack.state] += 1
        self._separated += len(stack.separated) - separated
        self._running.pop(name, None)
        if stack.state == "running":
            self._running[name] = stack
        if stack.state == "waiting":
            self._time.waits(stack)

    def _count(self) -> None:
        """Give the seconds since the last time to the stacks that workers were on."""
        now = time.monotonic()
        for name, _ in list(self._workers):  # the display looks from a thread of its own
            self._stacks[name].spent += now - self._seen
        self._seen = now

    def overall(self) -> str:
        """The line about all stacks."""
        return " · ".join(self._overall(*self._times()))

    def _times(self) -> tuple[float, float | None]:
        """Seconds that are over, and that are left by the estimate; None without one, and once all is over."""
        return time.monotonic() - self._began, None if self._over else self.left()

    def _overall(self, elapsed: float, left: float | None) -> list[str]:
        counts = ", ".join(f"{count} {state}" for state, count in self._counts.items())
        times = [f"{clock(elapsed)} elapsed", *([] if left is None else [f"about {duration(left)} left"])]
        return [f"stacks: {counts}", f"separated so far {self._separated} of {self._seeds} seeds", *times]

    def _prefix(self, name: str) -> str:
        return f"{name}: " if len(self._stacks) > 1 else ""

    def _say_level(self, name: str, level: int) -> None:
        stack = self._stacks[name]
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
        first, second, *times = self._overall(elapsed, left)
        stopping = [STOPPING] if self._stopping() and not self._over else []
        lines = [f"{first} · {second}", *stopping, " · ".join(times)]
        running = sorted(self._running.copy().items(), key=lambda item: item[1].began or 0.0)
        rows = [self._row(name, stack) for name, stack in running]
        share = 0.0 if left is None else elapsed / (elapsed + left or 1.0)  # without an estimate nothing is told yet
        return view(rows, lines, *self.console.size, share=None if self._over else share)

    def _row(self, name: str, stack: StackProgress) -> Row:
        workers = [at for (one, _), at in list(self._workers.items()) if one == name]
        others = [doing for (one, _), doing in list(self._others.items()) if one == name]
        seconds = self._time.of(stack)
        left = None if seconds is None else seconds / max(1, len(workers) + len(others))
        return Row(stack, workers, next(iter(others), ""), left)
