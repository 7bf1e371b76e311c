"""The sweeper: seeds stay together in one stack, `8,..,1310` is the ladder, the whole grid is checked before job 0.

Hydra imports every plugin module at every start, so whatever is heavy is imported in the functions. It does so before
the module is in sys.modules, where dataclasses look up annotations that are strings: so none of the dataclass is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper, BasicSweeperConf
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn

from hydra_plugins.lth_sweeper import _together
from hydra_plugins.lth_sweeper._folders import RECORD, move_to, recorded
from hydra_plugins.lth_sweeper._grid import Grid
from hydra_plugins.lth_sweeper._ladder import Cell, held_together
from hydra_plugins.lth_sweeper._launching import guarded, is_pool, print_results, raise_failed, runs_here

if TYPE_CHECKING:
    from lth.jobs.plan import Outline, Plan


@dataclass
class LthSweeperConf(BasicSweeperConf):
    """hydra/sweeper=lth, with the keys of Hydra's basic sweeper; what is typed replaces what `params` say of its key.

    `max_rung` leaves out the sizes above that rung of their ladder, so that a large experiment can be tried small. The
    keys of `together` go through their values in step, each otherwise with all values of the others.
    """

    _target_: str = "hydra_plugins.lth_sweeper.sweeper.LthSweeper"
    max_rung: int | None = None
    together: list[str] | None = None


ConfigStore.instance().store(group="hydra/sweeper", name="lth", node=LthSweeperConf, provider="lth")


class LthSweeper(BasicSweeper):
    """Hydra's basic sweeper with stacks, ladders and a check of every cell."""

    def __init__(
        self,
        max_batch_size: int | None,
        params: dict[str, str] | None = None,
        max_rung: int | None = None,
        together: Sequence[str] | None = None,
    ) -> None:
        super().__init__(max_batch_size, params)
        self._max_rung, self._together = max_rung, together or ()
        self._unnamed: Path | None = None  # the folder that the time gives, where nobody names one
        self._plans: dict[int, Plan] = {}

    def sweep(self, arguments: list[str]) -> list[Sequence[JobReturn]]:
        """Launch the grid of these overrides; returns the jobs' results, batch by batch.

        Raises ConfigurationError or GridError before the first job for what cannot run, SweepError at the end when
        jobs failed.
        """
        from lth.command import going_on
        from lth.command.accept import new_folder
        from lth.command.dry import is_dry
        from lth.jobs.claim import SWEEP_KEY, claim

        assert self.config is not None
        cells = self.cells(arguments)
        if is_dry():
            return []
        if self._unnamed is not None:
            told, made = self._folder, new_folder(self._unnamed)
            if made != told:  # another start was faster; the jobs may well say where they are
                move_to(self.config, made)
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
        from lth.command.dry import is_dry
        from lth.settings import ConfigurationError

        assert self.hydra_context is not None
        assert self.config is not None
        if self._max_rung is not None and self._max_rung < 0:
            raise ConfigurationError("hydra.sweeper.max_rung", self._max_rung, "must be an integer of 0 or more")
        jobs = self._jobs()
        typed = pack_seeds([*self._parse_config(), *arguments])
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        try:
            overrides = parser.parse_overrides(typed)
            grid = _together.cells([held_together(parser, override) for override in overrides], self._together)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001  wild overrides make Hydra fail in many ways
            raise explained(error, typed) from None
        cells, known = jobs.foreseen(grid)
        if not cells:
            allowed = "gives no job; a glob or a range in it matches nothing, or no size is as small as max_rung"
            raise ConfigurationError("-m", " ".join(typed), allowed)
        if not is_dry():
            self._announce(typed, cells, known)
        self._plans = jobs.accepted(cells, known)
        if is_dry():  # what cannot run is told before
            self._announce(typed, cells, known)
        return cells

    def _announce(self, typed: Sequence[str], cells: Sequence[Cell], known: "Sequence[Outline]") -> None:
        from lth.command.announce import Start, announce
        from lth.command.dry import is_dry

        assert self.config is not None
        common = set.intersection(*map(set, cells))
        own = [[one for one in cell if one not in common] for cell in cells]
        here = runs_here(self.config) and is_pool(self.config)
        launcher = None if here else str(self.config.hydra.runtime.choices["hydra/launcher"])
        goes_on = (self._folder / RECORD).exists()
        announce(Start(self._folder, known, typed, own, goes_on, launcher), grid=is_dry())

    @property
    def _folder(self) -> Path:
        assert self.config is not None
        return Path(str(self.config.hydra.sweep.dir))

    def _jobs(self) -> Grid:
        """What tells the jobs of this sweep. Raises ConfigurationError when it cannot be recorded in its folder."""
        from lth.command.accept import free_folder
        from lth.command.compose import is_unnamed
        from lth.command.variants import Variants
        from lth.jobs.claim import SWEEP_KEY, check_claim
        from lth.settings import check_folder

        assert self.config is not None
        assert self.hydra_context is not None
        check_folder(SWEEP_KEY, self._folder)
        if self._unnamed is None and is_unnamed(self.config, "sweep"):
            self._unnamed = self._folder
            if (free := free_folder(self._folder)) != self._folder:
                move_to(self.config, free)
        if self._unnamed is None:
            check_claim(self._folder, key=SWEEP_KEY)
        variants = Variants(self.hydra_context.config_loader, self.config)
        return Grid(self.config, variants, self._max_rung, is_new=self._unnamed is not None)
