"""The local launcher: every stack of the sweep at once, cut into jobs for one pool of one-thread workers.

Hydra imports every plugin module at every start, so whatever is heavy is imported in the functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, JobStatus, filter_overrides
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from hydra_plugins.lth_launcher._composing import composed, folder_of, parts


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
        from lth.command.compose import record_of
        from lth.jobs.execute import execute
        from lth.jobs.plan import prepare
        from lth.results import table as results

        jobs = [
            composed(self.hydra_context, self.config, overrides, number)
            for number, overrides in enumerate(job_overrides, start=initial_job_idx)
        ]
        plans = [replace(prepare(config, folder_of(config)), record=record_of(*parts(config))) for config in jobs]
        names = [" ".join(filter_overrides(overrides)) for overrides in job_overrides]
        codes = execute(plans, names)
        results.main([str(self.config.hydra.sweep.dir)])
        return [self._returned(config, code) for config, code in zip(jobs, codes, strict=True)]

    @staticmethod
    def _returned(config: DictConfig, code: int) -> JobReturn:
        own, hydra = parts(config)
        overrides = [str(override) for override in config.hydra.overrides.task]
        returned = JobReturn(overrides=overrides, cfg=own, hydra_cfg=hydra, status=JobStatus.COMPLETED)
        returned.return_value = code
        return returned
