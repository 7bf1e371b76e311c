"""What the user sees while stacks train: a live display, or plain lines where output is no terminal."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lth.jobs.endtable import level_figures, number
from lth.training.messages import LevelDone, Progress, SeedFailed, Warned

STATES = ("done", "running", "waiting")


@dataclass
class Stack:
    """One stack on the display: its seeds, number of prunings, and the expected cost of each level of one seed.

    Costs have any unit (say weights × epochs); None takes every level as equal.
    """

    name: str
    seeds: tuple[int, ...]
    levels: int
    costs: Sequence[float] | None = None
    state: str = field(default="waiting", init=False)
    rows: dict[int, dict[int, Mapping[str, Any]]] = field(default_factory=dict, init=False)  # level → seed → row
    lost: set[int] = field(default_factory=set, init=False)
    before: float = field(default=0.0, init=False)  # the cost that an earlier process did
    spent: float = field(default=0.0, init=False)  # seconds of workers
    measured: float = field(default=0.0, init=False)  # those of them that went into finished levels

    def cost(self, level: int) -> float:
        """The expected cost of this level for one seed."""
        return 1.0 if self.costs is None else float(self.costs[level])

    @property
    def total(self) -> float:
        """The expected cost of the whole stack without the seeds that failed."""
        return (len(self.seeds) - len(self.lost)) * sum(self.cost(level) for level in range(self.levels + 1))

    @property
    def done(self) -> float:
        """The cost of the levels done, of the seeds that did not fail."""
        return sum(self.cost(level) * len(rows.keys() - self.lost) for level, rows in self.rows.items())

    @property
    def rate(self) -> float | None:
        """Seconds of a worker per unit of cost, measured here; None before a level is done here."""
        return self.measured / (self.done - self.before) if self.done > self.before else None

    @property
    def separated(self) -> int:
        """How many seeds separated at some level so far."""
        return len({seed for rows in self.rows.values() for seed in rows if rows[seed].get("status") == "separated"})


class Display:
    """Shows the stacks of a run or a sweep; use as a context manager.

    `live` None means: a live display on a terminal, else one line for each level that all seeds of a stack have done.
    """

    def __init__(self, stacks: Sequence[Stack], console: Console | None = None, live: bool | None = None) -> None:
        self.console = console or output()
        self._stacks = {stack.name: stack for stack in stacks}
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
        stack = self._stacks[name]
        stack.state = "running"
        for done in finished:
            stack.rows.setdefault(done.level, {})[done.seed] = done.row
        stack.before = stack.done

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
        stack = self._stacks[name]
        stack.rows.setdefault(done.level, {})[done.seed] = done.row
        stack.measured = stack.spent
        if not self._live:
            self._say_level(name, done.level)

    def failed(self, name: str, failure: SeedFailed) -> None:
        """A seed of this stack ended early."""
        self._stacks[name].lost.add(failure.seed)
        place = f"seed {failure.seed} failed at level {failure.level}, epoch {failure.epoch}"
        self.say(f"{self._prefix(name)}{place}: {failure.reason}")

    def done(self, name: str) -> None:
        """A stack is over, whatever became of it."""
        self._count()
        self._stacks[name].state = "done"
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

        A stack none of whose levels is done here goes by the one nearest in cost.
        """
        self._count()
        known = [(stack.total / len(stack.seeds), stack.rate) for stack in self._stacks.values() if stack.rate]
        if not known:
            return None
        seconds = 0.0
        for stack in self._stacks.values():
            if stack.state != "done":
                cost = stack.total / len(stack.seeds)
                rate = stack.rate or min(known, key=lambda pair: abs(math.log((pair[0] or 1) / (cost or 1))))[1]
                under_way = stack.spent - stack.measured
                seconds += max(0.0, (stack.total - stack.done) * rate - under_way)
        return seconds / self._most

    def _count(self) -> None:
        """Give the seconds since the last time to the stacks that workers were on."""
        now = time.monotonic()
        for name, _ in self._workers:
            self._stacks[name].spent += now - self._seen
        self._seen = now

    def overall(self) -> str:
        """The line about all stacks."""
        stacks = list(self._stacks.values())
        counts = ", ".join(f"{sum(stack.state == state for stack in stacks)} {state}" for state in STATES)
        seeds, separated = sum(len(stack.seeds) for stack in stacks), sum(stack.separated for stack in stacks)
        left = self.left()
        ending = "" if left is None else f" · about {duration(left)} left"
        return f"stacks: {counts} · separated so far {separated} of {seeds} seeds{ending}"

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


@contextmanager
def heard() -> Iterator[None]:
    """Whoever listened to standard output may have gone (`| head`, a closed terminal): from then on it is silent.

    What was to be said is said to nobody; training goes on, and the end of the program does not fail on it. Commands
    have streams that see to that; this is for jobs that launchers start in processes of theirs.
    """
    out = sys.stdout  # None where it was closed before the start
    try:
        yield
        if out is not None:
            out.flush()
    except (OSError, SystemExit):  # rich makes the latter of a broken pipe
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, 1 if out is None else out.fileno())
        os.close(nobody)


def output() -> Console:
    """The console of standard output; wide enough for every table where it is no terminal, for nothing wraps there."""
    console = Console(highlight=False, markup=False, emoji=False)  # what files say is shown as it is
    return console if console.is_terminal else Console(highlight=False, markup=False, emoji=False, width=200)


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
