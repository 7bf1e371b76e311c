"""Handwritten digits of 8 x 8 pixels (scikit-learn's load_digits, 1797 samples), upright or turned by 90 degrees."""

from collections.abc import Sequence

import numpy as np

from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, one_hot, stratified, stream

_QUARTER_TURNS = {"digits": 0, "turned": 1}


def sources(tasks: Sequence[str], sizes: Sizes, seed: int) -> list[Source]:
    """Digits upright ("digits") and turned counter-clockwise ("turned"): x (N, 64) row by row, y (N, 10) one-hot.

    All tasks split the samples alike, classes in their shares, so that no image of a part is seen turned in another;
    test and validation part do not depend on n_train. Raises ValueError.
    """
    unknown = [task for task in tasks if task not in _QUARTER_TURNS]
    if unknown or not tasks or len(set(tasks)) < len(tasks):
        raise ValueError(f"tasks={list(tasks)}: must be one or more different ones of {', '.join(_QUARTER_TURNS)}")
    from sklearn.datasets import load_digits  # takes a second, and moons and circles do without

    pixels, labels = map(np.asarray, load_digits(return_X_y=True))
    total = sizes.n_train + sizes.n_val + sizes.n_test
    if total > len(labels):
        raise ValueError(
            f"n_train+n_val+n_test={sizes.n_train}+{sizes.n_val}+{sizes.n_test}={total}: "
            f"must be at most {len(labels)}, all the digits there are"
        )
    rows = _parts(labels, sizes, seed)
    x = {task: np.rot90(pixels.reshape(-1, 8, 8), _QUARTER_TURNS[task], axes=(1, 2)).reshape(-1, 64) for task in tasks}
    y = one_hot(labels, 10)
    return [Source(task, "classes", {part: Rows(x[task][at], y[at]) for part, at in rows.items()}) for task in tasks]


def _parts(labels: np.ndarray, sizes: Sizes, seed: int) -> dict[str, np.ndarray]:
    order = stratified(labels, stream(seed, "digits"))
    test, val, train = np.split(order, np.cumsum([sizes.n_test, sizes.n_val]))
    return {"train": train[: sizes.n_train], "val": val, "test": test}


def build(
    tasks: Sequence[str] = ("digits",),
    n_train: int = 1077,
    n_val: int = 360,
    n_test: int = 360,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """One or both of the tasks "digits" and "turned": 64 inputs and 10 outputs each. Raises ValueError."""
    found = sources(tasks, Sizes(n_train, n_val, n_test), seed)
    return side_by_side("_".join(tasks), found, seed=seed, noise_inputs=noise_inputs)
