"""Gives the controls of run folders to workers and writes what they finish, folder by folder."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from lth.controls import table
from lth.controls.asked import Controlled, Training, Wanted, asked
from lth.controls.elsewhere import moved
from lth.controls.known import Where
from lth.controls.work import Controls
from lth.jobs.claim import claim_all
from lth.jobs.plan import Plan
from lth.jobs.pool import Event, JobOver, Pool, WorkerLost
from lth.jobs.split import fitting_seeds, job_of
from lth.jobs.stopper import Stopped, Stopper
from lth.training.job import Job

PAUSE = 2.0  # seconds between two writings of the same table


@dataclass(frozen=True)
class Outcome:
    """What became of a run folder's controls: its rows, what is missing and what is odd, one line each."""

    rows: int
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def execute(plans: Sequence[Plan], workers: int, wanted: Wanted | None = None) -> list[Outcome]:
    """Train what of `wanted` these plans' folders do not have yet, each in its table as soon as it is trained.

    Raises ConfigurationError for a folder that another process records into, RecordError when a table cannot be
    written, and Stopped when asked to stop; what was trained is in the tables then.
    """
    with claim_all([(plan.folder, plan.config_hash) for plan in plans]):
        stacks = {str(plan.folder): _Stack(plan, wanted) for plan in plans}
        with Stopper() as stopper, Pool(workers, entry="lth.controls.train:train") as pool:
            stopper.stops(pool)
            for key, stack in stacks.items():
                for part in stack.parts(max(1, workers // len(plans))):
                    pool.add(key, part, len(part.trainings))
            for event in pool.events():
                if event is not None:
                    stacks[event.key].take(event)
            for stack in stacks.values():
                stack.write()
        if stopper.signal is not None:
            raise Stopped(stopper.signal)
        return [stack.outcome() for stack in stacks.values()]


class _Stack:
    """The controls of one run folder: what is asked, what its table has, what is missing."""

    def __init__(self, plan: Plan, wanted: Wanted | None = None) -> None:
        self._plan = plan
        self._tasks = [task.name for task in plan.dataset.tasks]
        self._job = job_of(plan, "cpu")
        asked_ = asked(plan.folder, plan.seeds, self._job.levels, plan.config_hash, self._job.expected, wanted)
        self._faults, self._warnings = list(asked_.faults), list[str]()
        # Rows of seeds whose tickets are gone since stay: nothing that was trained is lost.
        self._rows = {_place(row): row for row in self._known()}
        for seed, dense in asked_.dense.items():
            self._keep(table.row_of(dense, self._tasks, control="dense", separated=asked_.separated[seed]))
        self._left = [training for training in asked_.trainings if not self._has(training)]
        self._written = -math.inf

    def parts(self, workers: int) -> list[Controls]:
        """What is left to train, cut so that every worker has a part and none outgrows the memory."""
        found = []
        for where in get_args(Where):
            there = [one for one in self._left if one.where == where]
            if there:
                found += _cut(moved(self._job, self._plan, where), there, workers)
        return found

    def take(self, event: Event) -> None:
        """Keep what a worker trained, and what it could not."""
        match event.message:
            case Controlled(training, row, reproduced):
                self._take(training, row, reproduced)
            case JobOver(error) if error is not None:
                self._faults.append(str(error))
            case WorkerLost(code):
                self._faults.append(f"a worker was lost (exit code {code}); the same command goes on from here")
        if time.monotonic() - self._written >= PAUSE:
            self.write()

    def write(self) -> None:
        """Write the table as far as it goes."""
        self._written = time.monotonic()
        if self._rows:
            table.write(self._plan.folder, self._rows.values(), self._tasks, self._plan.config_hash)

    def outcome(self) -> Outcome:
        """How it ended, once everything is written."""
        differing = [row for row in self._rows.values() if row["reproduced"] is False]
        told = [
            f"seed {row['seed']}: its ticket, trained again, differs from level {row['level']} as recorded"
            for row in differing
        ]
        return Outcome(len(self._rows), tuple(self._faults), (*self._warnings, *told))

    def _take(self, training: Training, row: table.Row | None, reproduced: bool | None) -> None:
        if row is None:
            self._faults.append(f"seed {training.seed}: {training.control}: the loss is not finite")
            return
        control, separated = training.control, training.separated
        made = table.row_of(row, self._tasks, control=control, separated=separated, reproduced=reproduced)
        self._keep(made)

    def _has(self, training: Training) -> bool:
        row = self._rows.get((training.seed, training.level, training.control), {})
        return (row.get("separated"), row.get("donor")) == (training.separated, training.donor)

    def _keep(self, row: table.Row) -> None:
        self._rows[_place(row)] = row

    def _known(self) -> list[table.Row]:
        try:
            return table.read(self._plan.folder, self._tasks, self._plan.config_hash)
        except ValueError as fault:
            self._warnings.append(f"{fault}; trained anew")
            return []


def _place(row: table.Row) -> tuple[int, int, str]:
    return row["seed"], row["level"], row["control"]


def _cut(job: Job, trainings: Sequence[Training], workers: int) -> list[Controls]:
    count = max(workers, math.ceil(len(trainings) / fitting_seeds(job)))
    cuts = [tuple(trainings[first::count]) for first in range(min(count, len(trainings)))]
    return [Controls(job, ()).of(cut) for cut in cuts]
