"""Carries out plans: claims their folders, and starts the workers that train them."""

from collections.abc import Sequence

from lth.jobs.claim import KEY, claim_all
from lth.jobs.devices import accelerator_of, check_trainer, workers_for
from lth.jobs.execution import Execution
from lth.jobs.plan import Plan
from lth.jobs.pool import Pool
from lth.jobs.resume import recorded_seeds
from lth.jobs.stopper import Stopper


def execute(plans: Sequence[Plan], names: Sequence[str] | None = None) -> list[int]:
    """Train every stack of these plans, record all of it, and return each one's exit code: 0 done, 1 a seed failed.

    Levels whose tickets lie in a plan's folder are not trained again, and the seeds that it has are part of the stack
    whether the plan names them or not. `names` are what the stacks are called on the display, their folders' names by
    default. Raises ConfigurationError for a folder that holds another configuration
    or that another process records into, RecordError when a folder cannot be written, and Stopped when asked to stop.
    """
    accelerator = accelerator_of(plans)
    with claim_all([(plan.folder, plan.config_hash) for plan in plans]):
        for plan in plans:  # not before all of them are held: what is refused changes nothing
            check_trainer(plan.folder, accelerator, KEY)
        plans = [plan.joined_by(recorded_seeds(plan.folder)) for plan in plans]
        workers = workers_for(plans, accelerator)
        with Stopper() as stopper, Pool(workers) as pool:
            stopper.stops(pool)
            names = names or [plan.folder.name for plan in plans]
            return Execution(plans, names, accelerator, workers, pool, stopper).run()
