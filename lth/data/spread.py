"""Whether the data of a dataset can teach anything: labels that are labels, and something that varies."""

from collections.abc import Iterator

import numpy as np

from lth.data.dataset import Dataset, Split, Task


def check_data(dataset: Dataset) -> None:
    """Raise ValueError, naming the task, for labels that are none and for what does not vary in the training part.

    Of a task's inputs one must vary, of its targets each value, of its labels two must occur.
    """
    if len(dataset.train) == 1:
        raise ValueError("n_train=1: must be 2 or more, for one sample does not vary")
    for task in dataset.tasks:
        for fault in _faults(dataset, task):
            raise ValueError(f"task {task.name}: {fault}")


def _faults(dataset: Dataset, task: Task) -> Iterator[str]:
    y = dataset.train.y[:, list(task.outputs)]
    if task.kind != "values" and not all(
        _labelled(split, task) for split in (dataset.train, dataset.val, dataset.test)
    ):
        yield f"its labels must be {'0 or 1' if task.kind == 'binary' else 'one 1 among zeros'}"
    if not dataset.train.varying[list(task.inputs)].any():
        yield "none of its inputs varies in the training part"
    varying = np.ptp(y, axis=0) > 0
    if task.kind == "values" and not varying.all():
        yield f"output {task.outputs[int(varying.argmin())]} does not vary in the training part"
    if not varying.any():
        yield "its training part has one label alone; must have two or more"


def _labelled(split: Split, task: Task) -> bool:
    y = split.y[:, list(task.outputs)]
    return bool(((y == 0) | (y == 1)).all() and (task.kind == "binary" or (y.sum(axis=1) == 1).all()))
