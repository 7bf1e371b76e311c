"""The jobs of a sweep's grid: each composed, its ladder spelled out, its folder its own, and checked before job 0.

Hydra leaves modules out of its search for plugins whose names begin with an underscore.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from hydra_plugins.lth_launcher._composing import numbered, parts
from hydra_plugins.lth_sweeper._folders import JobFolders
from hydra_plugins.lth_sweeper._ladder import DOTS, HIDDEN, Cell, is_ladder, size_of, sizes
from hydra_plugins.lth_sweeper._launching import runs_here

if TYPE_CHECKING:
    from lth.command.variants import Variants
    from lth.jobs.plan import Outline, Plan
    from lth.settings import ConfigurationError

MOST_COMPLAINTS = 100  # to explain one takes a while where Hydra refuses it, and nobody reads more


class Grid:
    """The jobs of one sweep; `is_new` means that nothing is in its folder yet."""

    def __init__(self, config: DictConfig, variants: "Variants", max_rung: int | None, *, is_new: bool) -> None:
        self._config, self._variants, self._max_rung, self._is_new = config, variants, max_rung, is_new
        self._folder = Path(str(config.hydra.sweep.dir))
        self._owners = JobFolders(self._folder)
        self._folders: list[Path] = []
        self._tops: list[
            tuple[int, int]
        ] = []  # of each ladder that is climbed: the rung of its largest size, and that size

    def foreseen(self, grid: Sequence[Cell]) -> "tuple[list[Cell], list[Outline]]":
        """Every job of the grid, its ladder spelled out, with what is known of it in no time. Raises GridError."""
        from lth.settings import ConfigurationError, GridError

        cells, known, complaints = [], [], []
        for cell, found in self._checked(grid):
            if len(complaints) == MOST_COMPLAINTS:
                raise GridError([*_lines(cells, complaints), "… and the jobs after these were not checked"])
            if isinstance(found, ConfigurationError):
                complaints.append((cell, found))
            else:
                known.append(found)
            cells.append(cell)
        if complaints:
            raise GridError(_lines(cells, complaints))
        self._check_rung()
        return cells, known

    def accepted(self, cells: Sequence[Cell], known: "Sequence[Outline]") -> "dict[int, Plan]":
        """The plans of the jobs by their numbers, their pieces built. Raises GridError."""
        from lth.command.accept import accept
        from lth.command.compose import explained
        from lth.jobs.claim import SWEEP_KEY
        from lth.jobs.plan import Plan
        from lth.settings import FULL, GridError

        plans, complaints = dict[int, Plan](), []
        for number, (cell, one) in enumerate(zip(cells, known, strict=True)):
            record = partial(self._record, cell, number)
            if len(complaints) == MOST_COMPLAINTS:
                raise GridError([*_lines(cells, complaints), "… and the jobs after these were not checked"])
            try:
                plans[number] = accept(one, self._folders[number], SWEEP_KEY, new=self._is_new, record=record)
            except Exception as error:
                if isinstance(error, OSError) and error.errno in FULL:
                    raise
                complaints.append((cell, explained(error, cell)))
        if complaints:
            raise GridError(_lines(cells, complaints))
        return plans

    def _checked(self, grid: Sequence[Cell]) -> "Iterator[tuple[Cell, Outline | ConfigurationError]]":
        """Every job of the grid, its ladder spelled out, with what is known of it or what is wrong with it."""
        from lth.command.compose import explained

        number = 0
        for cell in grid:
            try:
                spelled = self._small_enough(self._spelled_out(cell), climbs=any(map(is_ladder, cell)))
            except Exception as error:  # noqa: BLE001  as above
                yield cell, explained(error, cell)
                continue
            for job in spelled:
                yield job, self._outlined(job, number)
                number += 1

    def _outlined(self, cell: Cell, number: int) -> "Outline | ConfigurationError":
        """What is known of the job of this number, or what is wrong with it or with its folder."""
        from lth.command.accept import foresee
        from lth.command.compose import explained
        from lth.jobs.claim import SWEEP_KEY
        from lth.jobs.links import check_inside
        from lth.settings import FULL, check_folder

        try:
            config = numbered(self._variants.lent(cell), number)
            subdir = str(config.hydra.sweep.subdir)
            top = self._folder
            folder = top / subdir
            check_folder(SWEEP_KEY, folder)
            check_inside(top, folder, "hydra.sweep.subdir")
            self._owners.owned(folder, subdir, cell)
            self._folders.append(folder)
            return foresee(config, folder, SWEEP_KEY, here=runs_here(self._config), new=self._is_new)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            return explained(error, cell)

    def _record(self, cell: Cell, number: int) -> Mapping[str, bytes]:
        """How the job of this number is composed, as its folder keeps it."""
        from lth.command.compose import record_of

        return record_of(*parts(numbered(self._variants.lent(cell), number)))

    def _spelled_out(self, cell: Cell) -> list[Cell]:
        """The cell once for every size, where its hidden size is a ladder: `8,..,20,57` is 8, 10, 13, 16, 20 and 57."""
        from lth.jobs.plan import dataset_of, settings_of
        from lth.settings import ladder

        place = next((at for at, override in enumerate(cell) if is_ladder(override)), None)
        if place is None:
            return [cell]
        steps = cell[place].partition("=")[2].strip("'").split(",")
        first = next((step for step in steps if step != DOTS), "0")
        settings = settings_of(self._variants.lent([*cell[:place], f"{HIDDEN}={first}", *cell[place + 1 :]]))
        data = dataset_of(settings)
        named = sizes(steps, ladder(settings, data.inputs, data.outputs))
        return [[*cell[:place], f"{HIDDEN}={size}", *cell[place + 1 :]] for size in named]

    def _small_enough(self, jobs: list[Cell], *, climbs: bool) -> list[Cell]:
        """Of a cell's jobs those of sizes up to `max_rung` on their ladder; lists and other schedules have no rungs."""
        from lth.jobs.plan import dataset_of, settings_of
        from lth.settings import Extension, ladder, nearest_rung

        if self._max_rung is None or not jobs:
            return jobs
        # They differ in their size alone, so that the first one tells the ladder of all.
        settings = settings_of(self._variants.lent(jobs[0]))
        if not isinstance(settings.pruning.schedule, Extension) or not isinstance(settings.model.hidden, int):
            return jobs
        data = dataset_of(settings)
        found = ladder(settings, data.inputs, data.outputs)
        size = max(size_of(job, settings.model.hidden) for job in jobs)
        top = nearest_rung(found, size)
        if climbs:
            self._tops.append((top, size))
        if self._max_rung >= top:
            return jobs
        largest = found.hidden(self._max_rung)
        return [job for job in jobs if size_of(job, settings.model.hidden) <= largest]

    def _check_rung(self) -> None:
        """Raise ConfigurationError for a `max_rung` that leaves out nothing, since no size is on so high a rung."""
        from lth.settings import ConfigurationError

        if self._max_rung is not None and self._tops and self._max_rung > max(self._tops)[0]:
            rung, size = max(self._tops)
            allowed = f"the largest size of this sweep, {size}, is on rung {rung}; must be at most {rung}, or left out"
            raise ConfigurationError("hydra.sweeper.max_rung", self._max_rung, allowed)


def _lines(cells: Sequence[Cell], complaints: "Sequence[tuple[Cell, ConfigurationError]]") -> list[str]:
    """One line for each bad cell: the complaint, then what sets the cell apart from the others."""
    common = set.intersection(*map(set, cells)) if len(cells) > 1 else set(cells[0])
    lines = []
    for cell, error in complaints:
        apart = " ".join(override.replace("'", "") for override in cell if override not in common)
        lines.append(f"{error} [{apart}]" if apart else str(error))
    return lines
