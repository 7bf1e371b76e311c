"""Moons and circles that are not independent: a share of the samples in which they have points or labels in common.

Each task keeps input columns of its own, and what they share is copied into both: a column that belonged to both tasks
would tie them together in every network that uses it, and separation would be ruled out by its definition.
"""

from dataclasses import replace

import numpy as np

from lth.data import moons_circles
from lth.data.dataset import Dataset, Split
from lth.data.source import PARTS, stream
from lth.data.standard import standardised

SHARED = ("none", "inputs", "labels")


def build(
    shared: str = "none",
    share: float = 0.0,
    noise: float = 0.1,
    factor: float = 0.35,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks moons and circles that share inputs or labels in a `share` of the samples of each part; 0 is moons_circles.

    Raises ValueError naming the key, its value and what is allowed.
    """
    if shared not in SHARED:
        raise ValueError(f"shared={shared!r}: must be one of {', '.join(SHARED)}")
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
        raise ValueError(f"share={share!r}: must be a number from 0 to 1")
    if shared == "none" and share:
        raise ValueError(f"share={share!r}: must be 0 where shared=none")
    plain = moons_circles.build(noise, factor, n_train, n_val, n_test, seed, noise_inputs)
    if not share:
        return plain
    return (with_shared_inputs if shared == "inputs" else with_shared_labels)(plain, share, seed)


def with_shared_inputs(plain: Dataset, share: float, seed: int) -> Dataset:
    """In a share of the samples the second task's point is the first's, and its label says whether that is inside.

    Inside is as in `inside`. So both tasks see one point and ask different questions of it. Replacing a share of every
    point's variance instead would take away what the second task's label depends on.
    """
    first, second = (list(task.inputs) for task in plain.tasks)
    output = plain.tasks[1].outputs[0]
    radius = half_radius(plain.train.x[:, first])
    xs, ys = [], []
    for part in PARTS:
        split: Split = getattr(plain, part)
        at = _chosen(len(split), share, part, seed)
        x, y = split.x.copy(), split.y.copy()
        points = x[at][:, first]
        x[at[:, None], second] = points
        y[at, output] = inside(points, radius)
        xs, ys = [*xs, x], [*ys, y]
    if share < 1:  # of two standardised sets of points
        for x, points in zip(xs, standardised([x[:, second] for x in xs], "inputs"), strict=True):
            x[:, second] = points
    return rebuilt(plain, xs, ys)


def with_shared_labels(plain: Dataset, share: float, seed: int) -> Dataset:
    """In a share of the samples the second task's label is the first's, by pairing the samples otherwise.

    Each task keeps its samples, and its own points tell its labels as before. Overwriting labels instead would make
    the second task noisy.
    """
    first, second = plain.tasks
    xs, ys = [], []
    for part in PARTS:
        split: Split = getattr(plain, part)
        at = _chosen(len(split), share, part, seed)
        order = _paired(split.y[:, first.outputs[0]], split.y[:, second.outputs[0]], at, stream(seed, "rest", part))
        x, y = split.x.copy(), split.y.copy()
        x[:, second.inputs] = x[order][:, second.inputs]
        y[:, second.outputs] = y[order][:, second.outputs]
        xs, ys = [*xs, x], [*ys, y]
    return rebuilt(plain, xs, ys)


def half_radius(points: np.ndarray) -> float:
    """The radius of the circle around 0 that has half of the points (N, 2) inside."""
    return float(np.median(np.linalg.norm(points, axis=1)))


def inside(points: np.ndarray, radius: float) -> np.ndarray:
    """(N,) float32: 1 for points (N, 2) inside the circle around 0, as in the circles' inner class, else 0."""
    return (np.linalg.norm(points, axis=1) < radius).astype(np.float32)


def rebuilt(plain: Dataset, xs: list[np.ndarray], ys: list[np.ndarray]) -> Dataset:
    """The dataset with other samples: x and y of each part."""
    train, val, test = (Split(*pair) for pair in zip(xs, ys, strict=True))
    return replace(plain, train=train, val=val, test=test)


def _chosen(samples: int, share: float, part: str, seed: int) -> np.ndarray:
    """Which samples share something; those of a smaller share are among those of a larger one."""
    return stream(seed, "shared", part).permutation(samples)[: round(share * samples)]


def _paired(first: np.ndarray, second: np.ndarray, at: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """For every place (N,) a sample of the second task: with the first's label where `at` says, the others at random.

    Both tasks have either label equally often, so that there are always enough.
    """
    order = np.full(len(first), -1)
    places = np.concatenate([at, np.setdiff1d(np.arange(len(first)), at)])
    for label in (0, 1):
        wanted = at[first[at] == label]
        order[wanted] = places[second[places] == label][: len(wanted)]
    order[order < 0] = random.permutation(np.setdiff1d(places, order))
    return order
