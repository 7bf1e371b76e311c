"""The measures of a run folder, measures.parquet: one row per seed and level."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lth.files.atomic import write_atomic
from lth.jobs.plan import Plan
from lth.jobs.split import job_of
from lth.measures.connectivity import barrier
from lth.measures.masks import expected_overlap, overlap, sign_agreement
from lth.measures.network import row_of
from lth.measures.orders import trained_again
from lth.measures.robustness import fgsm, pgd
from lth.method.layout import Layout
from lth.record.parquet import pack
from lth.stack.reference import measure_split
from lth.ticket import Ticket, TicketError, load_own, path_of
from lth.training.job import Job

NAME = "measures.parquet"
COUNTED = ("seed", "level", "keep")
COMPARED = ("overlap_seeds", "overlap_seeds_chance", "overlap_other", "overlap_other_chance")
MEASURED = ("train_accuracy", "generalisation_gap", "sign_agreement", "barrier_before", "barrier_orders", *COMPARED)

Row = dict[str, Any]
Tickets = dict[int, Ticket]  # of one level, by seed


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is asked for: the radii of attacks, whether levels are trained again, the folder to compare with."""

    radii: tuple[float, ...]
    orders: bool = False
    other: Plan | None = None


@dataclass(eq=False)
class Folder:
    """The tickets of a run folder, level by level; `faults` name those that cannot be read, one line each."""

    plan: Plan
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.job: Job = job_of(self.plan, "cpu")
        self._seeds = list(self.plan.seeds)

    def levels(self) -> Iterator[Tickets]:
        """The tickets of every level; a seed is there up to its first that is missing or broken."""
        for level in range(self.job.levels + 1):
            found = {seed: ticket for seed in tuple(self._seeds) if (ticket := self._load(seed, level)) is not None}
            if not found:
                return
            yield found

    def _load(self, seed: int, level: int) -> Ticket | None:
        folder = self.plan.folder
        if path_of(folder, seed, level).exists():
            try:
                return load_own(folder, seed, level, self.plan.config_hash, self.job.expected)
            except TicketError as fault:
                self.faults.append(str(fault))
        self._seeds.remove(seed)
        return None


def measure(folder: Folder, wanted: Wanted) -> Iterator[Row]:
    """The rows of a run folder, level by level; a column that is not asked for, or does not apply, is None."""
    known = _by_count(Folder(wanted.other)) if wanted.other is not None else {}
    before: Tickets = {}
    for tickets in folder.levels():
        again = _again(folder.job, tickets, before) if wanted.orders else {}
        for seed, ticket in tickets.items():
            row = {"seed": seed, "level": ticket.level, "keep": ticket.row["keep"]}
            row |= _alone(folder.job, ticket, wanted.radii)
            row |= _connected(folder.job, ticket, before.get(seed), again.get(seed))
            others = [one.masks for other, one in tickets.items() if other != seed]
            row |= _compared("overlap_seeds", ticket, others)
            same = known.get((seed, ticket.row["keep"]))
            yield row | _compared("overlap_other", ticket, [] if same is None else [same])
        before = tickets


def write(folder: Path, rows: Iterable[Row]) -> pd.DataFrame:
    """Replace the folder's table in one step and give it. Raises RecordError when it cannot be."""
    made = sorted(rows, key=lambda row: (row["seed"], row["level"]))
    names = [*COUNTED, *MEASURED, *(name for name in (made[0] if made else {}) if name not in (*COUNTED, *MEASURED))]
    kinds = {name: "Int64" if name in COUNTED else "float64" for name in names}
    table = pd.DataFrame({name: pd.Series([row[name] for row in made], dtype=kinds[name]) for name in names})
    write_atomic(folder / NAME, pack(table), within=folder)
    return table


def _alone(job: Job, ticket: Ticket, radii: Sequence[float]) -> Row:
    """What a ticket tells by itself."""
    layout, data, row = Layout(job.widths), job.dataset, row_of(ticket)
    train, test = (float(measure_split(layout, row, part, data.tasks)[1].mean()) for part in (data.train, data.test))
    found: Row = {"train_accuracy": train, "generalisation_gap": train - test}
    found["sign_agreement"] = sign_agreement(ticket)
    for radius in radii:
        for attack in (fgsm, pgd):
            found[f"{attack.__name__}_accuracy_{radius:g}"] = attack(layout, row, data.test, data.tasks, radius)
    return found


def _connected(job: Job, ticket: Ticket, before: Ticket | None, again: Any) -> Row:
    """The barriers to the level before, and to the same level trained again."""
    layout, data, row = Layout(job.widths), job.dataset, row_of(ticket)
    others = {"barrier_before": None if before is None else row_of(before), "barrier_orders": again}
    return {
        name: None if other is None else barrier(layout, row, other, data.test, data.tasks)
        for name, other in others.items()
    }


def _compared(name: str, ticket: Ticket, others: Sequence[Sequence[np.ndarray]]) -> Row:
    """The mean overlap with other masks, and what it is by chance."""
    if not others:
        return {name: None, f"{name}_chance": None}
    found, chance = (float(np.mean([of(ticket.masks, one) for one in others])) for of in (overlap, expected_overlap))
    return {name: found, f"{name}_chance": chance}


def _again(job: Job, tickets: Tickets, before: Tickets) -> dict[int, Any]:
    seeds = [seed for seed in tickets if not before or seed in before]
    earlier = [before[seed] for seed in seeds] if before else None
    rows = trained_again(job, [tickets[seed] for seed in seeds], earlier)
    return {} if rows is None else dict(zip(seeds, rows, strict=True))


def _by_count(folder: Folder) -> dict[tuple[int, int], tuple[np.ndarray, ...]]:
    """The masks of a folder by seed and how many parameters they keep."""
    return {(seed, one.row["keep"]): one.masks for level in folder.levels() for seed, one in level.items()}
