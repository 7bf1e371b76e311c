"""How a stack is cut into jobs for one-thread workers, and what a job is expected to cost."""

import math
from collections.abc import Sequence
from dataclasses import replace

from lth.jobs.origin import origin_of
from lth.jobs.plan import Plan
from lth.method.stopping import StoppingRule
from lth.training.job import Job

# A rough model of one seed's step, good enough to order jobs and to estimate the time left: a fixed part, shared by
# the seeds of a stack, and a part that falls with density because silent neurons are left out.
FIXED_SECONDS = 30e-6
SECONDS_PER_WEIGHT = 7e-9
DENSITY_POWER = 0.75
# A seed holds weights, anchors, gradients, two moments, masks and where each of them lies.
BYTES_PER_PARAMETER = 45
MOST_BYTES = 10**9


def job_of(plan: Plan, accelerator: str) -> Job:
    """All seeds of a plan as one job."""
    settings = plan.settings
    trainer, model = settings.trainer, settings.model
    return Job(
        folder=plan.folder,
        seeds=plan.seeds,
        config_hash=plan.config_hash,
        dataset=plan.dataset,
        hidden=model.layers,
        init=model.init,
        bias_init=model.bias_init,
        keeps=plan.keeps,
        method=plan.method,
        optimizer=plan.optimizer,
        stopping=StoppingRule(trainer.patience, trainer.max_epochs, trainer.loss_cutoff),
        restore_best=trainer.restore == "best",
        batch_size=trainer.batch_size,
        precision=trainer.precision,
        accelerator=accelerator,
        tf32=trainer.tf32,
        degrade_on=settings.ticket.degrade_on,
        cut_limit=settings.ticket.cut_limit,
        origin=None if settings.origin is None else origin_of(plan),
    )


def level_costs(job: Job) -> list[float]:
    """The expected relative cost of each level of one seed, in seconds per epoch on one core."""
    dense = SECONDS_PER_WEIGHT * job.keeps[0] * job.batch_size / 64
    return [job.batches * (FIXED_SECONDS + dense * (keep / job.keeps[0]) ** DENSITY_POWER) for keep in job.keeps]


def job_cost(job: Job) -> float:
    """The expected relative cost of what is left of a job."""
    return len(job.seeds) * sum(level_costs(job)[job.first_level :])


def split(jobs: Sequence[Job], workers: int) -> list[Job]:
    """Cut jobs so that no one keeps a worker busy when the others are through, and none outgrows the memory.

    A seed's results do not depend on the seeds beside it, so that any cut gives the same numbers.
    """
    total = sum(job_cost(job) for job in jobs)
    return [part for job in jobs for part in _cut(job, workers, total)]


def fitting_seeds(job: Job) -> int:
    """How many seeds of this job one process may hold, so that none outgrows the memory."""
    parameters = sum((into + 1) * out for into, out in zip(job.widths, job.widths[1:], strict=False))
    return max(1, MOST_BYTES // (BYTES_PER_PARAMETER * parameters))


def _cut(job: Job, workers: int, total: float) -> list[Job]:
    wanted = min(workers, math.ceil(2 * workers * job_cost(job) / total)) if workers > 1 else 1
    parts = min(len(job.seeds), max(wanted, math.ceil(len(job.seeds) / fitting_seeds(job))))
    return [replace(job, seeds=job.seeds[part::parts]) for part in range(parts)]
