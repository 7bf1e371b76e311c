"""The sweeper: seeds stay together in one stack, `8,..,1310` is the ladder, the whole grid is checked before job 0.

Hydra imports every plugin module at every start, so whatever is heavy is imported in the functions. It does so before
the module is in sys.modules, where dataclasses look up annotations that are strings: so none of the dataclass is one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper, BasicSweeperConf
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override
from hydra.core.utils import JobReturn
from omegaconf import DictConfig, OmegaConf, open_dict

from hydra_plugins.lth_sweeper._launching import guarded, print_results, raise_failed

if TYPE_CHECKING:
    from lth.settings import ConfigurationError

HIDDEN = "model.hidden"
DOTS = ".."
Cell = list[str]  # the overrides of one job


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
        from lth.record.atomic import write_atomic
        from lth.settings import check_folder
        from lth.work.claim import SWEEP_KEY, check_claim, claim

        assert self.launcher is not None
        assert self.config is not None
        folder = Path(self.config.hydra.sweep.dir)
        check_claim(folder, key=SWEEP_KEY)
        cells = self.cells(arguments)
        check_folder(SWEEP_KEY, folder)
        with claim(folder, key=SWEEP_KEY):
            write_atomic(folder / "multirun.yaml", OmegaConf.to_yaml(self.config).encode())
            launch = self.launcher.launch if self._is_pool() else guarded(self.launcher, self.config)
            returns: list[Sequence[JobReturn]] = []
            done = 0
            for batch in self.split_overrides_to_chunks(cells, self.max_batch_size):
                returns.append(launch(batch, initial_job_idx=done))
                done += len(batch)
            if not self._is_pool():
                print_results(self.config)
        raise_failed([job for batch in returns for job in batch])
        return returns

    def cells(self, arguments: Sequence[str]) -> list[Cell]:
        """The overrides of every job of the grid, all of them checked. Raises ConfigurationError or GridError."""
        from lth.compose import explained, pack_seeds
        from lth.settings import ConfigurationError, GridError

        assert self.hydra_context is not None
        if self._max_rung is not None and self._max_rung < 0:
            raise ConfigurationError("hydra.sweeper.max_rung", self._max_rung, "must be an integer of 0 or more")
        typed = pack_seeds([*self._parse_config(), *arguments])
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        try:
            overrides = parser.parse_overrides(typed)
            grid = self.split_arguments([_held_together(parser, override) for override in overrides], None)[0]
        except Exception as error:  # noqa: BLE001  wild overrides make Hydra fail in many ways
            raise explained(error, typed) from None
        cells, complaints = [], []
        for cell, error in self._checked(grid):
            cells.append(cell)
            if error is not None:
                complaints.append((cell, error))
        if complaints:
            raise GridError(_lines(cells, complaints))
        if not cells:
            allowed = "gives no job; a glob or a range in it matches nothing, or no size is as small as max_rung"
            raise ConfigurationError("-m", " ".join(typed), allowed)
        return cells

    def _checked(self, grid: Sequence[Cell]) -> "Iterator[tuple[Cell, ConfigurationError | None]]":
        """Every job of the grid, its ladder spelled out, with what is wrong with it."""
        from lth.compose import explained

        number = 0
        for cell in grid:
            try:
                spelled = self._small_enough(self._spelled_out(cell))
            except Exception as error:  # noqa: BLE001  as above
                yield cell, explained(error, cell)
                continue
            for job in spelled:
                yield job, self._complaint(job, number)
                number += 1

    def _complaint(self, cell: Cell, number: int) -> "ConfigurationError | None":
        """What is wrong with the job of this number, or with its folder for it."""
        from lth.compose import explained
        from lth.plan import prepare
        from lth.settings import check_machine
        from lth.work.claim import SWEEP_KEY, check_claim
        from lth.work.links import check_inside

        try:
            config = self._composed(cell)
            plan = prepare(config, Path())
            if self._runs_here():
                check_machine(plan.settings)
            with open_dict(config):
                config.hydra.job.id, config.hydra.job.num = str(number), number
            top, below = Path(str(config.hydra.sweep.dir)), str(config.hydra.sweep.subdir)
            check_inside(top, top / below, "hydra.sweep.subdir")
            check_claim(top / below, plan.config_hash, SWEEP_KEY)
        except Exception as error:  # noqa: BLE001  as above
            return explained(error, cell)
        return None

    def _spelled_out(self, cell: Cell) -> list[Cell]:
        """The cell once for every size, where its hidden size is a ladder: `8,..,20,57` is 8, 10, 13, 16, 20 and 57."""
        from lth.plan import dataset_of, settings_of
        from lth.settings import ladder

        place = next((at for at, override in enumerate(cell) if _is_ladder(override)), None)
        if place is None:
            return [cell]
        steps = cell[place].partition("=")[2].strip("'").split(",")
        first = next((step for step in steps if step != DOTS), "0")
        settings = settings_of(self._composed([*cell[:place], f"{HIDDEN}={first}", *cell[place + 1 :]]))
        data = dataset_of(settings)
        sizes = _sizes(steps, ladder(settings, data.inputs, data.outputs))
        return [[*cell[:place], f"{HIDDEN}={size}", *cell[place + 1 :]] for size in sizes]

    def _small_enough(self, jobs: list[Cell]) -> list[Cell]:
        """Of a cell's jobs those of sizes up to `max_rung` on their ladder; lists and other schedules have no rungs."""
        from lth.plan import dataset_of, settings_of
        from lth.settings import Extension, ladder

        if self._max_rung is None or not jobs:
            return jobs
        # They differ in their size alone, so that the first one tells the ladder of all.
        settings = settings_of(self._composed(jobs[0]))
        if not isinstance(settings.pruning.schedule, Extension) or not isinstance(settings.model.hidden, int):
            return jobs
        data = dataset_of(settings)
        largest = ladder(settings, data.inputs, data.outputs).hidden(self._max_rung)
        return [job for job in jobs if _size(job, settings.model.hidden) <= largest]

    def _composed(self, cell: Cell) -> DictConfig:
        assert self.hydra_context is not None
        assert self.config is not None
        return self.hydra_context.config_loader.load_sweep_config(self.config, list(cell))

    def _runs_here(self) -> bool:
        """Whether jobs run on this machine; a cluster's login node need not have the GPU that its jobs have."""
        assert self.config is not None
        launcher = self.config.hydra.launcher
        cluster = OmegaConf.select(launcher, "ray.init.address") not in (None, "local")
        return not cluster and not any(far in launcher._target_ for far in ("SlurmLauncher", "RayAWSLauncher"))

    def _is_pool(self) -> bool:
        """Whether the launcher is this project's, which shows how far it is and makes nothing of the others' errors."""
        assert self.config is not None
        return str(self.config.hydra.launcher._target_).endswith(".PoolLauncher")


def _held_together(parser: OverridesParser, override: Override) -> Override:
    """A ladder as one value, so that the product of the grid keeps it whole; anything else as it is."""
    value = override.value()
    if override.key_or_group != HIDDEN or not isinstance(value, ChoiceSweep):
        return override
    steps = [str(getattr(step, "text", step)) for step in value.list]
    return parser.parse_override(f"{HIDDEN}='{','.join(steps)}'") if DOTS in steps else override


def _is_ladder(override: str) -> bool:
    key, _, value = override.partition("=")
    return key == HIDDEN and DOTS in value.strip("'").split(",")


def _size(cell: Cell, otherwise: int) -> int:
    """The hidden size that the cell names, or else the one that it is composed with."""
    named = [override.partition("=")[2] for override in cell if override.startswith(f"{HIDDEN}=")]
    return int(named[-1]) if named else otherwise


def _sizes(steps: Sequence[str], ladder: Any) -> list[int]:
    """The sizes that the steps name, each `..` replaced by the rungs between its neighbours."""
    from lth.settings import ConfigurationError, rungs

    sizes: list[int] = []
    for before, step, after in zip(["", *steps], steps, [*steps[1:], ""], strict=False):
        ends = (before, after) if step == DOTS else (step,)
        if not all(end.isdecimal() and int(end) > 0 for end in ends):
            raise ConfigurationError(HIDDEN, ",".join(steps), "must be sizes, with .. between two of them")
        sizes += rungs(ladder, int(before), int(after))[1:-1] if step == DOTS else [int(step)]
    return list(dict.fromkeys(sizes))


def _lines(cells: Sequence[Cell], complaints: "Sequence[tuple[Cell, ConfigurationError]]") -> list[str]:
    """One line for each bad cell: the complaint, then what sets the cell apart from the others."""
    common = set.intersection(*map(set, cells)) if len(cells) > 1 else set(cells[0])
    lines = []
    for cell, error in complaints:
        apart = " ".join(override.replace("'", "") for override in cell if override not in common)
        lines.append(f"{error} [{apart}]" if apart else str(error))
    return lines
