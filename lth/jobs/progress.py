"""What the user sees while stacks train: a live display, or plain lines where output is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lth.jobs.endtable import level_figures, number
from lth.jobs.standing import StackProgress, State
from lth.jobs.timeleft import TimeLeft
from lth.terminal import heard, output
from lth.training.messages import LevelDone, Progress, SeedFailed, Warned


class Display:
    """Shows the stacks of a run or a sweep; use as a context manager.

    `live` None means: a live display on a terminal, else one line for each level that all seeds of a stack have done.
    """

    def __init__(
        self, stacks: Sequence[StackProgress], console: Console | None = None, live: bool | None = None
    ) -> None:
        self.console = console or output()
        self._stacks = {stack.name: stack for stack in stacks}
        self._counts: dict[State, int] = {"done": 0, "running": 0, "waiting": len(stacks)}
        self._running: dict[str, StackProgress] = {}
        self._time, self._seeds, self._separated = TimeLeft(), sum(len(stack.seeds) for stack in stacks), 0
        for stack in stacks:
            self._time.waits(stack)
        self._workers: dict[tuple[str, int], Progress] = {}
        self._told: set[str] = set()
        self._seen, self._most = time.monotonic(), 1
        wanted = self.console.is_terminal if live is None else live
        self._live = Live(console=self.console, get_renderable=self._render, refresh_per_second=4) if wanted else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            with heard():
                self._live.stop()

    def running(self, name: str, finished: Sequence[LevelDone] = ()) -> None:
        """A stack starts, with the levels that an earlier process finished: they are shown and cost no time."""
        with self._changing(name, "running") as stack:
            for done in finished:
                stack.add(done)

    def progress(self, name: str, worker: int, message: Progress) -> None:
        """Where a worker on this stack is."""
        self._count()
        self._workers[name, worker] = message
        self._most = max(self._most, len(self._workers))

    def idle(self, name: str, worker: int) -> None:
        """This worker no longer works on this stack."""
        self._count()
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

    def done(self, name: str) -> None:
        """A stack is over, whatever became of it."""
        self._count()
        with self._changing(name, "done") as stack:
            stack.rows.clear()
        for key in [key for key in self._workers if key[0] == name]:
            del self._workers[key]
        if not self._live and len(self._stacks) > 1:
            self.say(self.overall())

    def warn(self, message: Warned) -> None:
        """Say a warning once."""
        if message.text not in self._told:
            self._told.add(message.text)
            self.say(f"warning: {message.text}")

    def say(self, text: str) -> None:
        """One plain line, above the live display where there is one."""
        with heard():
            self.console.print(Text(text), soft_wrap=True)

    def left(self) -> float | None:
        """Seconds left, from what the levels of each size took here; None before a level is done.

        A stack none of whose levels is done here goes by those nearest in cost.
        """
        self._count()
        seconds = self._time.seconds(self._running.values())
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
        for name, _ in self._workers:
            self._stacks[name].spent += now - self._seen
        self._seen = now

    def overall(self) -> str:
        """The line about all stacks."""
        counts = ", ".join(f"{count} {state}" for state, count in self._counts.items())
        left = self.left()
        ending = "" if left is None else f" · about {duration(left)} left"
        return f"stacks: {counts} · separated so far {self._separated} of {self._seeds} seeds{ending}"

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
        table = Table(box=None, pad_edge=False)
        for heading in ("stack", "seeds", "level", "epoch", "training", "val loss"):
            table.add_column(heading, justify="left" if heading in ("stack", "seeds") else "right")
        for (name, _), at in sorted(self._workers.items()):
            level = f"{at.level} of {at.levels}"
            table.add_row(
                Text(name),
                compact(at.seeds),
                level,
                str(at.epoch),
                f"{at.training}/{len(at.seeds)}",
                number(at.val_loss),
            )
        return Group(table, Text(self.overall()))


def duration(seconds: float) -> str:
    """Seconds as 40 s, 12 min or 3 h 05 min."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def compact(seeds: Sequence[int]) -> str:
    """Seeds as 0..9, or listed when they have gaps."""
    first, last = seeds[0], seeds[-1]
    if len(seeds) > 2 and tuple(seeds) == tuple(range(first, last + 1)):
        return f"{first}..{last}"
    return ",".join(map(str, seeds))
