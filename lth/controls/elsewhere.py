"""What a mask is tried on that its run has not seen: data drawn anew, another dataset, another optimiser."""

from dataclasses import replace

from lth.controls.known import Where
from lth.data.dataset import Dataset
from lth.jobs.pieces import optimizer_of
from lth.jobs.plan import Plan, dataset_of
from lth.settings import ConfigurationError, plain
from lth.settings.conf import values
from lth.training.job import Job

FURTHER = 1000  # from a run's data seed to that of its fresh data: far from the few that an experiment has
SIBLINGS = {"mnist": "fashion", "fashion": "mnist"}  # tasks of images with as many pixels and classes


def moved(job: Job, plan: Plan, where: Where) -> Job:
    """The job elsewhere than its run was. Raises ConfigurationError where there is nothing of the kind."""
    if where == "fresh":
        return replace(job, dataset=fresh_data(plan))
    if where == "other":
        return replace(job, dataset=other_data(plan))
    return replace(job, optimizer=optimizer_of(_other_optimizer(plan), "cpu")) if where == "sgd" else job


def fresh_data(plan: Plan) -> Dataset:
    """The plan's dataset by another seed. Raises ConfigurationError for one that has none."""
    dataset = plan.settings.dataset
    if "seed" not in dataset.model_fields_set:
        raise ConfigurationError("dataset.seed", None, "must be there to draw fresh data")
    return _changed(plan, seed=dataset.seed + FURTHER)


def other_data(plan: Plan) -> Dataset:
    """MNIST for Fashion-MNIST and the other way round, under the names of the plan's tasks.

    Raises ConfigurationError for a dataset of anything else.
    """
    tasks = plain(plan.settings)["dataset"].get("tasks")
    if not isinstance(tasks, list) or not set(tasks) <= SIBLINGS.keys():
        allowed = f"must be of {' and '.join(SIBLINGS)}: no other two datasets have as many inputs and classes"
        raise ConfigurationError("dataset.tasks", tasks, allowed)
    found = _changed(plan, tasks=[SIBLINGS[task] for task in tasks])
    names = [task.name for task in plan.dataset.tasks]
    return replace(found, tasks=tuple(replace(task, name=name) for task, name in zip(found.tasks, names, strict=True)))


def _changed(plan: Plan, **changes: object) -> Dataset:
    other = plan.settings.dataset.model_copy(update=changes)
    return dataset_of(plan.settings.model_copy(update={"dataset": other}))


def _other_optimizer(plan: Plan) -> dict[str, object]:
    """Gradient descent as its preset has it, but for runs that had it already."""
    given, own = values("optimizer", "sgd"), plain(plan.settings)["optimizer"]["_target_"]
    if own == given["_target_"]:
        raise ConfigurationError("optimizer._target_", own, "must be another than that of the controls sgd-…")
    return given
