"""How far one stack is: what of its expected cost is done, and what that took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lth.training.messages import LevelDone

State = Literal["done", "running", "waiting"]


@dataclass
class StackProgress:
    """One stack on the display: its seeds, number of prunings, and the expected cost of each level of one seed.

    Costs have any unit (say weights × epochs); None takes every level as equal. All that is asked of it is kept as it
    changes, and not added up anew.
    """

    name: str
    seeds: tuple[int, ...]
    levels: int
    costs: Sequence[float] | None = None
    state: State = field(default="waiting", init=False)
    rows: dict[int, dict[int, Mapping[str, Any]]] = field(default_factory=dict, init=False)  # level → seed → row
    lost: set[int] = field(default_factory=set, init=False)
    separated: set[int] = field(default_factory=set, init=False)  # seeds that separated at some level so far
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

    def add(self, finished: LevelDone) -> float:
        """A level of a seed is done; gives its cost, or 0 where it is known already or its seed failed."""
        rows = self.rows.setdefault(finished.level, {})
        cost = 0.0 if finished.seed in rows or finished.seed in self.lost else self.cost(finished.level)
        rows[finished.seed] = finished.row
        if finished.row.get("status") == "separated":
            self.separated.add(finished.seed)
        self.done += cost
        return cost

    def lose(self, seed: int) -> None:
        """A seed ended early: nothing is left of it, and what is done of it no longer counts."""
        if seed not in self.lost:
            self.lost.add(seed)
            self.done -= sum(self.cost(level) for level, rows in self.rows.items() if seed in rows)
