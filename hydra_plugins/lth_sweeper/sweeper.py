"""The sweeper: seeds stay together in one stack, `8,..,1310` is the ladder, the whole grid is checked before job 0.

Hydra imports every plugin module at every start, so whatever is heavy is imported in the functions. It does so before
the module is in sys.modules, where dataclasses look up annotations that are strings: so none of the dataclass is one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper, BasicSweeperConf
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn

from hydra_plugins.lth_launcher._composing import numbered, parts
from hydra_plugins.lth_sweeper._folders import JobFolders, move_to, recorded
from hydra_plugins.lth_sweeper._ladder import DOTS, HIDDEN, Cell, held_together, is_ladder, size_of, sizes
from hydra_plugins.lth_sweeper._launching import guarded, is_pool, print_results, raise_failed, runs_here

if TYPE_CHECKING:
    from lth.jobs.plan import Plan
    from lth.settings import ConfigurationError

MOST_COMPLAINTS = 100  # to explain one takes a while where Hydra refuses it, and nobody reads more


@dataclass
class LthSweeperConf(BasicSweeperConf):
    """hydra/sweeper=lth, with the keys of Hydra's basic sweeper; what is typed replaces what `params` say of its key.

    `max_rung` leaves out the sizes above that rung of their ladder, so that a large experiment can be tried small.
    """

    _target_: str = "hydra_plugins.lth_sweeper.sweeper.LthSweeper"
    max_rung: int | None = None


ConfigStore.instance().store(group="hydra/sweeper", name="lth", node=LthSweeperConf, provider="lth")


class LthSweeper(BasicSweeper):
    """Hydra's basic sweeper with stacks, ladders and a check of every cell."""

    def __init__(
        self, max_batch_size: int | None, params: dict[str, str] | None = None, max_rung: int | None = None
    ) -> None:
        super().__init__(max_batch_size, params)
        self._max_rung = max_rung

    def sweep(self, arguments: list[str]) -> list[Sequence[JobReturn]]:
        """Launch the grid of these overrides; returns the jobs' results, batch by batch.

        Raises ConfigurationError or GridError before the first job for what cannot run, SweepError at the end when
        jobs failed.
        """
        from lth.command import going_on
        from lth.command.accept import new_folder
        from lth.jobs.claim import SWEEP_KEY, claim

        assert self.config is not None
        cells = self.cells(arguments)
        if self._is_new:
            named = self._folder
            move_to(self.config, new_folder(named))
            if self._folder != named:  # an earlier start has taken it; the jobs may well say where they are
                cells = self.cells(arguments)
        going_on.begin(SWEEP_KEY, self._folder)
        with claim(self._folder, key=SWEEP_KEY):
            returns = self._launched(cells)
            if not is_pool(self.config):
                print_results(self.config)
        raise_failed([job for batch in returns for job in batch])
        return returns

    def _launched(self, cells: Sequence[Cell]) -> list[Sequence[JobReturn]]:
        assert self.launcher is not None
        assert self.config is not None
        if is_pool(self.config):
            self.launcher.plans = self._plans  # type: ignore[attr-defined]
        launch = self.launcher.launch if is_pool(self.config) else guarded(self.launcher, self.config)
        batches = list(self.split_overrides_to_chunks(list(cells), self.max_batch_size))
        with recorded(self._folder, self.config):
            returns = [launch(batches[0], initial_job_idx=0)]
        for batch in batches[1:]:
            returns.append(launch(batch, initial_job_idx=sum(map(len, returns))))
        return returns

    def cells(self, arguments: Sequence[str]) -> list[Cell]:
        """The overrides of every job of the grid, all of them checked. Raises ConfigurationError or GridError."""
        from lth.command.compose import explained, pack_seeds
        from lth.jobs.plan import Plan
        from lth.settings import ConfigurationError, GridError

        assert self.hydra_context is not None
        assert self.config is not None
        if self._max_rung is not None and self._max_rung < 0:
            raise ConfigurationError("hydra.sweeper.max_rung", self._max_rung, "must be an integer of 0 or more")
        self._check_folder()
        typed = pack_seeds([*self._parse_config(), *arguments])
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        try:
            overrides = parser.parse_overrides(typed)
            grid = self.split_arguments([held_together(parser, override) for override in overrides], None)[0]
        except Exception as error:  # noqa: BLE001  wild overrides make Hydra fail in many ways
            raise explained(error, typed) from None
        keeps_plans = is_pool(self.config)
        cells, complaints, self._plans = [], [], dict[int, Plan]()
        for cell, found in self._checked(grid):
            if len(complaints) == MOST_COMPLAINTS:
                raise GridError([*_lines(cells, complaints), "… and the jobs after these were not checked"])
            if isinstance(found, ConfigurationError):
                complaints.append((cell, found))
            elif keeps_plans:  # others compose their jobs themselves
                self._plans[len(cells)] = found
            cells.append(cell)
        if complaints:
            raise GridError(_lines(cells, complaints))
        if not cells:
            allowed = "gives no job; a glob or a range in it matches nothing, or no size is as small as max_rung"
            raise ConfigurationError("-m", " ".join(typed), allowed)
        return cells

    def _checked(self, grid: Sequence[Cell]) -> "Iterator[tuple[Cell, Plan | ConfigurationError]]":
        """Every job of the grid, its ladder spelled out, with its plan or what is wrong with it."""
        from lth.command.compose import explained

        number = 0
        for cell in grid:
            try:
                spelled = self._small_enough(self._spelled_out(cell))
            except Exception as error:  # noqa: BLE001  as above
                yield cell, explained(error, cell)
                continue
            for job in spelled:
                yield job, self._planned(job, number)
                number += 1

    def _planned(self, cell: Cell, number: int) -> "Plan | ConfigurationError":
        """The plan of the job of this number, or what is wrong with it or with its folder."""
        from lth.command.accept import accept
        from lth.command.compose import explained
        from lth.jobs.claim import SWEEP_KEY
        from lth.jobs.links import check_inside
        from lth.settings import FULL, check_folder

        assert self.config is not None
        try:
            config = numbered(self._variants.lent(cell), number)
            subdir = str(config.hydra.sweep.subdir)
            top = self._folder
            folder = top / subdir
            check_folder(SWEEP_KEY, folder)
            check_inside(top, folder, "hydra.sweep.subdir")
            self._job_folders.owned(folder, subdir, cell)
            here, record = runs_here(self.config), partial(self._record, cell, number)
            return accept(config, folder, SWEEP_KEY, here=here, new=self._is_new, record=record)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            return explained(error, cell)

    def _record(self, cell: Cell, number: int) -> Mapping[str, bytes]:
        """How the job of this number is composed, as its folder keeps it."""
        from lth.command.compose import record_of

        return record_of(*parts(numbered(self._variants.lent(cell), number)))

    @property
    def _folder(self) -> Path:
        assert self.config is not None
        return Path(str(self.config.hydra.sweep.dir))

    def _check_folder(self) -> None:
        """Raise ConfigurationError when the sweep cannot be recorded in its folder."""
        from lth.command.compose import is_unnamed
        from lth.command.variants import Variants
        from lth.jobs.claim import SWEEP_KEY, check_claim
        from lth.settings import check_folder

        assert self.config is not None
        assert self.hydra_context is not None
        self._variants = Variants(self.hydra_context.config_loader, self.config)
        check_folder(SWEEP_KEY, self._folder)
        self._is_new, self._job_folders = is_unnamed(self.config, "sweep"), JobFolders(self._folder)
        if not self._is_new:
            check_claim(self._folder, key=SWEEP_KEY)

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

    def _small_enough(self, jobs: list[Cell]) -> list[Cell]:
        """Of a cell's jobs those of sizes up to `max_rung` on their ladder; lists and other schedules have no rungs."""
        from lth.jobs.plan import dataset_of, settings_of
        from lth.settings import Extension, ladder

        if self._max_rung is None or not jobs:
            return jobs
        # They differ in their size alone, so that the first one tells the ladder of all.
        settings = settings_of(self._variants.lent(jobs[0]))
        if not isinstance(settings.pruning.schedule, Extension) or not isinstance(settings.model.hidden, int):
            return jobs
        data = dataset_of(settings)
        largest = ladder(settings, data.inputs, data.outputs).hidden(self._max_rung)
        return [job for job in jobs if size_of(job, settings.model.hidden) <= largest]


def _lines(cells: Sequence[Cell], complaints: "Sequence[tuple[Cell, ConfigurationError]]") -> list[str]:
    """One line for each bad cell: the complaint, then what sets the cell apart from the others."""
    common = set.intersection(*map(set, cells)) if len(cells) > 1 else set(cells[0])
    lines = []
    for cell, error in complaints:
        apart = " ".join(override.replace("'", "") for override in cell if override not in common)
        lines.append(f"{error} [{apart}]" if apart else str(error))
    return lines
