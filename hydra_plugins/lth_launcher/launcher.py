"""The local launcher: every stack of the sweep at once, cut into jobs for one pool of one-thread workers.

Hydra imports every plugin module at every start, so whatever is heavy is imported in the functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, JobStatus, filter_overrides
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict


@dataclass
class PoolLauncherConf:
    """hydra/launcher=pool."""

    _target_: str = "hydra_plugins.lth_launcher.launcher.PoolLauncher"


ConfigStore.instance().store(group="hydra/launcher", name="pool", node=PoolLauncherConf, provider="lth")


class PoolLauncher(Launcher):
    """Trains all jobs of a sweep side by side: the largest first, no core idle while a job waits."""

    config: DictConfig
    hydra_context: HydraContext

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """What Hydra hands over before `launch`; the task function is not called, since it runs one stack only."""
        self.config, self.hydra_context = config, hydra_context

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Train the stacks of these overrides; one result per job, whose value is its exit code."""
        from lth import results
        from lth.execute import execute
        from lth.plan import prepare

        composed = [self._composed(overrides, initial_job_idx + at) for at, overrides in enumerate(job_overrides)]
        folders = [self._folder(config) for config in composed]
        plans = [prepare(config, folder) for config, folder in zip(composed, folders, strict=True)]
        for config, folder in zip(composed, folders, strict=True):
            _save(config, folder / str(config.hydra.output_subdir))
        names = [" ".join(filter_overrides(overrides)) for overrides in job_overrides]
        codes = execute(plans, names)
        results.main([str(self.config.hydra.sweep.dir)])
        return [self._returned(config, code) for config, code in zip(composed, codes, strict=True)]

    def _composed(self, overrides: Sequence[str], number: int) -> DictConfig:
        config = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
        with open_dict(config):
            config.hydra.job.id, config.hydra.job.num = str(number), number
        return config

    def _folder(self, config: DictConfig) -> Path:
        folder = Path(str(config.hydra.sweep.dir)) / str(config.hydra.sweep.subdir)
        with open_dict(config):
            config.hydra.runtime.output_dir = str(folder.absolute())
        return folder.absolute()

    @staticmethod
    def _returned(config: DictConfig, code: int) -> JobReturn:
        own, hydra = _parts(config)
        overrides = [str(override) for override in config.hydra.overrides.task]
        returned = JobReturn(overrides=overrides, cfg=own, hydra_cfg=hydra, status=JobStatus.COMPLETED)
        returned.return_value = code
        return returned


def _save(config: DictConfig, folder: Path) -> None:
    """What Hydra's own launchers leave beside every job: the configuration, Hydra's part, and the overrides."""
    from lth.atomic import write_atomic

    own, hydra = _parts(config)
    written: dict[str, Any] = {"config": own, "hydra": hydra, "overrides": config.hydra.overrides.task}
    for name, part in written.items():
        write_atomic(folder / f"{name}.yaml", OmegaConf.to_yaml(part).encode())


def _parts(config: DictConfig) -> tuple[DictConfig, DictConfig]:
    own = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])  # type: ignore[arg-type]
    hydra = OmegaConf.masked_copy(config, ["hydra"])
    return own, hydra
