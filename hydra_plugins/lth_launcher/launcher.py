"""The local launcher: every stack of the sweep at once, cut into jobs for one pool of one-thread workers.

Hydra imports every plugin module at every start, so whatever is heavy is imported in the functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, JobStatus, filter_overrides
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

if TYPE_CHECKING:
    from lth.jobs.plan import Plan


@dataclass
class PoolLauncherConf:
    """hydra/launcher=pool."""

    _target_: str = "hydra_plugins.lth_launcher.launcher.PoolLauncher"


ConfigStore.instance().store(group="hydra/launcher", name="pool", node=PoolLauncherConf, provider="lth")


class PoolLauncher(Launcher):
    """Trains all jobs of a sweep side by side: the largest first, no core idle while a job waits.

    `plans` are those of the jobs, by their numbers, from the sweeper, which has composed and checked them.
    """

    config: DictConfig
    plans: "Mapping[int, Plan]"

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """What Hydra hands over before `launch`; the task function is not called, since it runs one stack only."""
        self.config, self.plans = config, {}

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Train the stacks of these overrides; one result per job, whose value is its exit code."""
        from lth.jobs.execute import execute
        from lth.jobs.wording import names_apart
        from lth.results.command import main as print_results

        plans = [self.plans[number] for number, _ in enumerate(job_overrides, start=initial_job_idx)]
        codes = execute(plans, names_apart([filter_overrides(overrides) for overrides in job_overrides]))
        print_results([str(self.config.hydra.sweep.dir)])
        done = zip(job_overrides, plans, codes, strict=True)
        return [self._returned(overrides, plan, code) for overrides, plan, code in done]

    @staticmethod
    def _returned(overrides: Sequence[str], plan: "Plan", code: int) -> JobReturn:
        """Of a job's configuration its folder alone: there may be thousands of them."""
        where = OmegaConf.create({"hydra": {"runtime": {"output_dir": str(plan.folder)}}})
        returned = JobReturn(overrides=overrides, hydra_cfg=where, status=JobStatus.COMPLETED)
        returned.return_value = code
        return returned
