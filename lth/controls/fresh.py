"""Data that a run has not seen, drawn as its own were."""

from lth.data.dataset import Dataset
from lth.jobs.plan import Plan, dataset_of
from lth.settings import ConfigurationError

FURTHER = 1000  # from a run's data seed to that of its fresh data: far from the few that an experiment has


def fresh_data(plan: Plan) -> Dataset:
    """The plan's dataset by another seed. Raises ConfigurationError for one that has none."""
    dataset = plan.settings.dataset
    if "seed" not in dataset.model_fields_set:
        raise ConfigurationError("dataset.seed", None, "must be there to draw fresh data")
    other = dataset.model_copy(update={"seed": dataset.seed + FURTHER})
    return dataset_of(plan.settings.model_copy(update={"dataset": other}))
