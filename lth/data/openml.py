"""MNIST (LeCun et al., 1998) and Fashion-MNIST (Xiao et al., 2017) of 28 x 28 pixels, from openml.org or its cache."""

import warnings
from collections.abc import Sequence
from http.client import HTTPException

import numpy as np
from sklearn.datasets import fetch_openml, get_data_home

from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, one_hot, stratified, stream

_OPENML = {"mnist": "mnist_784", "fashion": "Fashion-MNIST"}


def build(
    tasks: Sequence[str] = ("mnist",),
    n_train: int = 50_000,
    n_val: int = 10_000,
    n_test: int = 10_000,
    seed: int = 0,
    noise_inputs: int = 0,
    data_home: str | None = None,
) -> Dataset:
    """One or both of the tasks "mnist" and "fashion": 784 inputs row by row and 10 outputs each.

    Test samples come from the collection's own test part (the last 10 000), the others from the 60 000 before, classes
    in their shares. `data_home` is scikit-learn's data folder (None: its default). Raises ValueError for bad arguments,
    and for data that is neither in the cache nor within reach.
    """
    unknown = [task for task in tasks if task not in _OPENML]
    if unknown or not tasks or len(set(tasks)) < len(tasks):
        raise ValueError(f"tasks={list(tasks)}: must be one or more different ones of {', '.join(_OPENML)}")
    sizes = Sizes(n_train, n_val, n_test)
    stream(seed)  # refuses a bad seed before the long load
    sources = [_source(task, sizes, seed, data_home) for task in tasks]
    return side_by_side("_".join(tasks), sources, seed=seed, noise_inputs=noise_inputs)


def _source(task: str, sizes: Sizes, seed: int, data_home: str | None) -> Source:
    pixels, labels = _load(task, data_home)
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
    return Source(task, "classes", {part: Rows(pixels[at], one_hot(labels[at], 10)) for part, at in parts.items()})


def _load(task: str, data_home: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (N, 784) float32 in 0..1 and labels (N,) 0..9."""
    home = get_data_home(data_home)
    name = _OPENML[task]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "A network error occurred")  # the error below says it
            pixels, labels = fetch_openml(
                name,
                version=1,
                data_home=home,
                return_X_y=True,
                as_frame=False,
                parser="liac-arff",
                n_retries=1,
                delay=0.5,
            )
    except (OSError, HTTPException) as error:
        raise ValueError(
            f"dataset {task}: {name} is neither in {home}/openml nor within reach ({error}); where openml.org is, run "
            f"python -c \"from sklearn.datasets import fetch_openml as f; f('{name}', version=1, data_home='there')\" "
            f"and copy there/openml to {home}"
        ) from error
    return np.asarray(pixels, np.float32) / np.float32(255), np.asarray(labels).astype(np.int64)
