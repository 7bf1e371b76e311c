"""How far one stack is: what of its expected cost is done, and what that took."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lth.ticket.outcome import outcome
from lth.training.messages import LevelDone, Progress

State = Literal["done", "running", "waiting"]


@dataclass
class StackProgress:
    """One stack on the display: its seeds, number of prunings, and the expected cost of each level of one seed.

    Costs have any unit (say weights × epochs); None takes every level as equal. `longest` are the epochs that a level
    may take. All that is asked of it is kept as it changes, and not added up anew.
    """

    name: str
    seeds: tuple[int, ...]
    levels: int
    costs: Sequence[float] | None = None
    longest: int | None = None
    state: State = field(default="waiting", init=False)
    began: float | None = field(default=None, init=False)  # when it started here, by the monotonic clock
    rows: dict[int, dict[int, Mapping[str, Any]]] = field(default_factory=dict, init=False)  # level → seed → row
    lost: set[int] = field(default_factory=set, init=False)
    separated: set[int] = field(default_factory=set, init=False)  # seeds that separated at some level so far
    levels_done: int = field(default=0, init=False)  # of all seeds, without those that failed
    done: float = field(default=0.0, init=False)  # the cost of the levels done, of the seeds that did not fail
    spent: float = field(default=0.0, init=False)  # seconds of workers
    measured: float = field(default=0.0, init=False)  # those of them that went into finished levels
    units: float = field(default=0.0, init=False)  # the cost of these levels
    per_seed: float = field(init=False)  # the expected cost of one seed

    def __post_init__(self) -> None:
        self.per_seed = sum(self.cost(level) for level in range(self.levels + 1))

    def cost(self, level: int) -> float:
        """The expected cost of this level for one seed."""
        return 1.0 if self.costs is None else float(self.costs[level])

    @property
    def left(self) -> float:
        """The expected cost of what is not done, without the seeds that failed."""
        return (len(self.seeds) - len(self.lost)) * self.per_seed - self.done

    @property
    def rate(self) -> float | None:
        """Seconds of a worker per unit of cost, measured here; None before a level is done here."""
        return self.measured / self.units if self.units > 0 else None

    @property
    def under_way(self) -> float:
        """Seconds of workers on levels that are not finished."""
        return self.spent - self.measured

    @property
    def elapsed(self) -> float | None:
        """Seconds since it started here; None where it did not."""
        return None if self.began is None else time.monotonic() - self.began

    def share(self, workers: Sequence[Progress]) -> float:
        """The share of its levels that is done, with what these workers have of the levels that they are in.

        Of a level each seed that ended counts whole, and that in hand by its epochs against the longest allowed.
        """
        whole = (len(self.seeds) - len(self.lost)) * (self.levels + 1)
        under_way = 0.0
        for at in workers:
            epochs = 0.0 if self.longest is None else min(1.0, at.epoch / self.longest)
            under_way += min(float(len(at.seeds)), len(at.seeds) - at.training + epochs)
        return 1.0 if whole == 0 else min(1.0, (self.levels_done + under_way) / whole)

    def add(self, finished: LevelDone) -> float:
        """A level of a seed is done; gives its cost, or 0 where it is known already or its seed failed."""
        rows = self.rows.setdefault(finished.level, {})
        new = finished.seed not in rows and finished.seed not in self.lost
        cost = self.cost(finished.level) if new else 0.0
        rows[finished.seed] = finished.row
        if finished.row.get("status") == "separated":
            self.separated.add(finished.seed)
        self.levels_done += new
        self.done += cost
        return cost

    def lose(self, seed: int) -> None:
        """A seed ended early: nothing is left of it, and what is done of it no longer counts."""
        if seed not in self.lost:
            self.lost.add(seed)
            gone = [level for level, rows in self.rows.items() if seed in rows]
            self.levels_done -= len(gone)
            self.done -= sum(self.cost(level) for level in gone)

    def outcomes(self) -> str:
        """What became of its seeds so far: `8 separated, 1 degraded, 1 failed`."""
        words: Counter[str] = Counter()
        for seed in self.seeds:
            statuses = [self.rows[level][seed].get("status") for level in sorted(self.rows) if seed in self.rows[level]]
            known = [status for status in statuses if status is not None]
            if seed not in self.lost and known:
                words[outcome(known).word] += 1
        counted = [f"{count} {word}" for word, count in sorted(words.items(), key=lambda item: -item[1])]
        return ", ".join([*counted, *([f"{len(self.lost)} failed"] if self.lost else [])])
