"""MNIST (LeCun et al., 1998) and Fashion-MNIST (Xiao et al., 2017), 28 x 28 grey values, from files or openml.org."""

from collections.abc import Sequence

import numpy as np

from lth.data import idx
from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, one_hot, stratified, stream

TASKS = ("mnist", "fashion")


def build(
    tasks: Sequence[str] = ("mnist",),
    n_train: int = 50_000,
    n_val: int = 10_000,
    n_test: int = 10_000,
    seed: int = 0,
    noise_inputs: int = 0,
    standardise: bool = True,
    folder: str | None = None,
    data_home: str | None = None,
) -> Dataset:
    """One or both of the tasks "mnist" and "fashion": 784 inputs row by row and 10 outputs each.

    Test samples come from the collection's own test part (the last 10 000), the others from the 60 000 before, classes
    in their shares. Without `standardise` pixels are grey values from 0 to 1. They are read from the idx files in
    `folder` (lth.data.idx); where it is None, from openml.org or what scikit-learn has of it in `data_home` (None: its
    default). Raises ValueError for bad arguments, and for data that is not there or not what it should be.
    """
    unknown = [task for task in tasks if task not in TASKS]
    if unknown or not tasks or len(set(tasks)) < len(tasks):
        raise ValueError(f"tasks={list(tasks)}: must be one or more different ones of {', '.join(TASKS)}")
    sizes = Sizes(n_train, n_val, n_test)
    if not isinstance(standardise, bool):
        raise ValueError(f"standardise={standardise!r}: must be true or false")
    stream(seed)  # refuses a bad seed before the long load
    sources = [_source(task, sizes, seed, standardise, *_load(task, folder, data_home)) for task in tasks]
    return side_by_side("_".join(tasks), sources, seed=seed, noise_inputs=noise_inputs)


def _load(task: str, folder: str | None, data_home: str | None) -> tuple[np.ndarray, np.ndarray]:
    if folder is not None:
        return idx.load(task, folder)
    from lth.data import openml  # imports scikit-learn's

    return openml.load(task, data_home)


def _source(task: str, sizes: Sizes, seed: int, standardise: bool, pixels: np.ndarray, labels: np.ndarray) -> Source:
    # The collections are 60 000 training samples, then 10 000 test samples.
    tests = len(labels) // 7
    learning = len(labels) - tests
    for key, asked, there in (
        ("n_train+n_val", sizes.n_train + sizes.n_val, learning),
        ("n_test", sizes.n_test, tests),
    ):
        if asked > there:
            raise ValueError(f"{key}={asked}: must be at most {there}, all the samples of {task} for it")
    order = stratified(labels[:learning], stream(seed, task, "learning"))
    parts = {
        "train": order[sizes.n_val : sizes.n_val + sizes.n_train],
        "val": order[: sizes.n_val],
        "test": learning + stratified(labels[learning:], stream(seed, task, "test"))[: sizes.n_test],
    }
    rows = {part: Rows(pixels[at], one_hot(labels[at], 10)) for part, at in parts.items()}
    return Source(task, "classes", rows, standardise)
