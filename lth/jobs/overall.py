"""Where all stacks of a run or a sweep are, kept as it changes: it costs the same however many there are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lth.jobs.liveview import Row
from lth.jobs.standing import StackProgress, State
from lth.jobs.timeleft import TimeLeft
from lth.jobs.wording import clock, duration
from lth.training.messages import LevelDone, Progress


class Overall:
    """The stacks by name, what their workers are about, and sums over all: states, separated seeds, seconds left.

    `workers` are those that there are, `guess` the seconds of a worker per unit of cost before any were measured.
    """

    def __init__(self, stacks: Sequence[StackProgress], workers: int, guess: float | None) -> None:
        self.stacks = {stack.name: stack for stack in stacks}
        self._counts: dict[State, int] = {"done": 0, "running": 0, "waiting": len(stacks)}
        self._running: dict[str, StackProgress] = {}
        self._time, self._seeds, self._separated = TimeLeft(guess), sum(len(stack.seeds) for stack in stacks), 0
        for stack in stacks:
            self._time.waits(stack)
        self._workers: dict[tuple[str, int], Progress] = {}
        self._others: dict[tuple[str, int], str] = {}  # what workers are about that train nothing yet, or no more
        self._most = workers
        self._began = self._seen = time.monotonic()

    @contextmanager
    def changing(self, name: str, state: State | None = None) -> Iterator[StackProgress]:
        """What changes of a stack within it, its state at the end included, goes into the sums over all stacks."""
        stack = self.stacks[name]
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

    def given(self, name: str, worker: int, doing: str) -> None:
        """A worker of this stack is about this until it says where it is."""
        self._others[name, worker] = doing

    def at(self, name: str, worker: int, message: Progress) -> None:
        """A worker of this stack is here."""
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
        """A level of one seed is done: what workers spent on this stack since the last one went into it."""
        self._count()
        with self.changing(name) as stack:
            seconds, cost = stack.under_way, stack.add(done)
            stack.measured, stack.units = stack.spent, stack.units + cost
            self._time.measured(stack, seconds, cost)

    def leave(self, name: str) -> None:
        """No worker works on this stack any more."""
        self._count()
        for known in (self._workers, self._others):
            for key in [key for key in known if key[0] == name]:
                del known[key]

    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def left(self) -> float | None:
        """Seconds left, from what the levels of each size took here, or from the guess before a level is done.

        A stack none of whose levels is done here goes by those nearest in cost.
        """
        self._count()
        seconds = self._time.seconds(list(self._running.values()))
        return None if seconds is None else seconds / self._most

    def words(self, elapsed: float, left: float | None) -> list[str]:
        """What stands in the line about all stacks, with these seconds."""
        counts = ", ".join(f"{count} {state}" for state, count in self._counts.items())
        times = [f"{clock(elapsed)} elapsed", *([] if left is None else [f"about {duration(left)} left"])]
        return [f"stacks: {counts}", f"separated so far {self._separated} of {self._seeds} seeds", *times]

    def rows(self) -> list[Row]:
        """The stacks that run, as the live display shows them, the first to begin first."""
        running = sorted(self._running.copy().items(), key=lambda item: item[1].began or 0.0)
        return [self._row(name, stack) for name, stack in running]

    def _row(self, name: str, stack: StackProgress) -> Row:
        workers = [at for (one, _), at in list(self._workers.items()) if one == name]
        others = [doing for (one, _), doing in list(self._others.items()) if one == name]
        seconds = self._time.of(stack)
        left = None if seconds is None else seconds / max(1, len(workers) + len(others))
        return Row(stack, workers, next(iter(others), ""), left)

    def _count(self) -> None:
        """Give the seconds since the last time to the stacks that workers were on."""
        now = time.monotonic()
        for name, _ in list(self._workers):  # the display looks from a thread of its own
            self.stacks[name].spent += now - self._seen
        self._seen = now
