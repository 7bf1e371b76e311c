"""A sweep through launchers that are not the local pool: where they write, what they raise, and what their jobs return.

Hydra leaves modules out of its search for plugins whose names begin with an underscore.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from omegaconf import DictConfig, OmegaConf, open_dict


def runs_here(config: DictConfig) -> bool:
    """Whether jobs run on this machine; a cluster's login node need not have the GPU that its jobs have."""
    launcher = config.hydra.launcher
    cluster = OmegaConf.select(launcher, "ray.init.address") not in (None, "local")
    return not cluster and not any(far in launcher._target_ for far in ("SlurmLauncher", "RayAWSLauncher"))


def is_pool(config: DictConfig) -> bool:
    """Whether the launcher is this project's, which shows how far it is and makes nothing of the others' errors."""
    return str(config.hydra.launcher._target_).endswith(".PoolLauncher")


def guarded(launcher: Launcher, config: DictConfig) -> Callable[..., Sequence[JobReturn]]:
    """The launcher's `launch` for jobs of other processes and machines, its own errors in one line.

    It raises ConfigurationError when nothing was started, SweepError with the stacks that are not finished otherwise.
    """
    from lth.command.compose import quoted

    folder = Path(str(config.hydra.sweep.dir)).absolute()
    name = str(config.hydra.runtime.choices["hydra/launcher"])
    with open_dict(config):  # what a job composes again must not depend on where its process stands
        config.hydra.overrides.hydra.append(f"hydra.sweep.dir={quoted(str(folder))}")

    def launch(batch: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from lth.settings import ConfigurationError

        stacks = "1 stack" if len(batch) == 1 else f"{len(batch)} stacks"
        print(f"{stacks} through {name}: python -m lth.results {folder} tells how far they are", flush=True)
        try:
            return launcher.launch(batch, initial_job_idx=initial_job_idx)
        except ConfigurationError:
            raise
        except Exception as error:
            raise _explained(name, error, folder) from error

    return launch


def print_results(config: DictConfig) -> None:
    """The table of the sweep, as `python -m lth.results` prints it."""
    from lth.results.command import main

    main([str(config.hydra.sweep.dir)])


def raise_failed(jobs: Sequence[JobReturn]) -> None:
    """Raise SweepError with the folders of the jobs that failed, or did not end well."""
    from lth.settings import SweepError

    failed = [job for job in jobs if job.status != JobStatus.COMPLETED or job._return_value]
    if failed:
        raise SweepError([_told(job) for job in failed])


def _explained(name: str, error: Exception, folder: Path) -> Exception:
    from lth import results
    from lth.settings import ConfigurationError, SweepError
    from lth.settings.errors import one_line

    reason = one_line(str(error).partition("\n")[0]) or type(error).__name__
    try:
        runs = results.runs(folder)
    except results.ResultsError:
        return ConfigurationError("hydra/launcher", name, reason)
    unfinished = dict.fromkeys(runs.loc[runs["state"] != "finished", "run"])
    return SweepError([*(str(folder / run) for run in unfinished), f"{name} ({reason})"])


def _told(job: JobReturn) -> str:
    from lth.settings.errors import one_line

    folder: Any = OmegaConf.select(job.hydra_cfg, "hydra.runtime.output_dir") if job.hydra_cfg is not None else None
    name = str(folder or " ".join(job.overrides or []))
    return f"{name} ({one_line(str(job._return_value))})" if job.status == JobStatus.FAILED else name
