"""The Slurm launcher: all stacks of a sweep as one array of jobs, and an answer about every one of them.

submitit submits, and Hydra's own launcher is what each job calls. But that one gives up on all jobs when one is lost,
and without Slurm's accounting, which many small clusters lack, it waits for a lost one for ever.
"""

import signal
import subprocess
from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from hydra_plugins.lth_launcher._composing import composed, parts
from hydra_plugins.lth_launcher._queue import open_jobs, queued, wait_for

if TYPE_CHECKING:
    from submitit import Job  # pyright: ignore[reportMissingImports]


class SlurmLauncher(Launcher):
    """hydra/launcher=slurm; takes the keys of Hydra's `submitit_slurm`."""

    config: DictConfig
    hydra_context: HydraContext

    def __init__(self, **params: Any) -> None:
        from hydra_plugins.hydra_submitit_launcher import submitit_launcher  # pyright: ignore[reportMissingImports]

        self._called = submitit_launcher.SlurmLauncher(**params)

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """What Hydra hands over before `launch`."""
        self.config, self.hydra_context = config, hydra_context
        self._called.setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Submit the stacks of these overrides and wait; one result per job, also for those that Slurm lost.

        Raises ConfigurationError when jobs of an earlier start are in the queue, or when results lie there that no job
        of this cluster can have left. Stopped, it cancels its own.
        """
        from lth.settings import ConfigurationError

        submitted = Path(str(self._called.params["submitit_folder"])).parent
        left = open_jobs(submitted, queued() or set())
        if left:
            allowed = f"Slurm still has its jobs {', '.join(left)}; let them end, or scancel them first"
            raise ConfigurationError("hydra.sweep.dir", self.config.hydra.sweep.dir, allowed)
        before = {path.name for path in submitted.iterdir()} if submitted.exists() else set()
        jobs = self._submitted(job_overrides, initial_job_idx)
        array = jobs[0].job_id.partition("_")[0]
        if before & {job.paths.folder.name for job in jobs}:  # their results are pickles, which run what they say
            subprocess.run(["scancel", array], check=False)
            allowed = f"{submitted} has results of job {array}, which is new: of another cluster; remove them first"
            raise ConfigurationError("hydra.sweep.dir", self.config.hydra.sweep.dir, allowed)
        try:
            wait_for(jobs)
        except KeyboardInterrupt as stop:
            if getattr(stop, "signal", None) == signal.SIGHUP:  # a terminal was closed, the cluster goes on
                raise
            subprocess.run(["scancel", array], check=False)
            print(
                f"cancelled Slurm's job {array}; what is finished is recorded, and the same command goes on from here"
            )
            raise
        numbered = enumerate(zip(jobs, job_overrides, strict=True), start=initial_job_idx)
        return [self._answer(job, overrides, number) for number, (job, overrides) in numbered]

    def _submitted(self, job_overrides: Sequence[Sequence[str]], first: int) -> "list[Job[JobReturn]]":
        import submitit  # pyright: ignore[reportMissingImports]
        from hydra_plugins.hydra_submitit_launcher.config import BaseQueueConf  # pyright: ignore[reportMissingImports]

        params = dict(self._called.params)
        executor = submitit.AutoExecutor(
            params.pop("submitit_folder"), cluster="slurm", slurm_max_num_timeout=params.pop("max_num_timeout")
        )
        general = BaseQueueConf.__dataclass_fields__
        executor.update_parameters(**{key if key in general else f"slurm_{key}": params[key] for key in params})
        with redirect_stderr(StringIO()), executor.batch():  # what sbatch says there is in the error, too
            return [
                executor.submit(
                    self._called, list(overrides), "hydra.sweep.dir", number, str(number), Singleton.get_state()
                )
                for number, overrides in enumerate(job_overrides, start=first)
            ]

    def _answer(self, job: "Job[JobReturn]", overrides: Sequence[str], number: int) -> JobReturn:
        """What a job returned; for one that ended without that, where its log is."""
        reason = "ended before it was done"
        if job.paths.result_pickle.exists():
            from submitit.core.utils import UncompletedJobError  # pyright: ignore[reportMissingImports]

            try:
                return job.results()[0]
            except UncompletedJobError as error:
                said = str(error).partition("\n-----")[2].partition("\n-----")[0].strip().splitlines()
                reason = said[-1] if said else str(error).partition("\n")[0]
        own, hydra = parts(composed(self.hydra_context, self.config, overrides, number))
        returned = JobReturn(overrides=list(overrides), cfg=own, hydra_cfg=hydra, status=JobStatus.FAILED)
        returned.return_value = RuntimeError(f"Slurm's job {job.job_id} {reason}; its log is {job.paths.stderr}")
        return returned
