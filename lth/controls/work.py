"""What a worker is given to train."""

from dataclasses import dataclass, replace

from lth.controls.asked import Training
from lth.training.job import Job


@dataclass(frozen=True, eq=False)
class Controls:
    """Trainings of one stack, for a worker; `job.seeds` has the seed of each training, in their order."""

    job: Job
    trainings: tuple[Training, ...]

    def of(self, trainings: tuple[Training, ...]) -> "Controls":
        """The same of these trainings alone."""
        return Controls(replace(self.job, seeds=tuple(one.seed for one in trainings)), trainings)
