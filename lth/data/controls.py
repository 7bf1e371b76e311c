"""Moons and circles changed so that a network has less reason to separate, or none: what a claim must tell apart."""

import numpy as np

from lth.data import moons, moons_circles
from lth.data.dataset import Dataset, Split
from lth.data.shared import half_radius, inside, rebuilt, with_shared_inputs
from lth.data.side_by_side import side_by_side
from lth.data.source import PARTS, Sizes, stream

CONTROLS = ("plain", "same", "alike", "rotated", "shuffled")


def build(
    control: str = "plain",
    noise: float = 0.1,
    factor: float = 0.35,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks moons and circles, 4 inputs and 2 outputs, with one thing about them changed.

    plain: nothing. same: both ask of the same points, each with input columns of its own. alike: the same questions
    of points that the tasks do not share. rotated: no input belongs to one task. shuffled: labels without a reason.
    Raises ValueError naming the key, its value and what is allowed.
    """
    if control not in CONTROLS:
        raise ValueError(f"control={control!r}: must be one of {', '.join(CONTROLS)}")
    if control == "alike":
        return _alike(Sizes(n_train, n_val, n_test), seed, noise, noise_inputs)
    plain = moons_circles.build(noise, factor, n_train, n_val, n_test, seed, noise_inputs)
    if control == "same":
        return with_shared_inputs(plain, 1.0, seed)
    if control == "rotated":
        return _rotated(plain)
    return _shuffled(plain, seed) if control == "shuffled" else plain


def _alike(sizes: Sizes, seed: int, noise: float, noise_inputs: int) -> Dataset:
    """What `same` asks, but the circles' points are moons of their own: nothing is shared."""
    sources = [moons.source(sizes, seed, noise), moons.source(sizes, seed, noise, "circles")]
    plain = side_by_side("moons_circles", sources, seed=seed, noise_inputs=noise_inputs)
    inputs, (output,) = plain.tasks[1].inputs, plain.tasks[1].outputs
    radius = half_radius(plain.train.x[:, inputs])
    ys = [split.y.copy() for split in _splits(plain)]
    for y, split in zip(ys, _splits(plain), strict=True):
        y[:, output] = inside(split.x[:, inputs], radius)
    return rebuilt(plain, [split.x for split in _splits(plain)], ys)


def _rotated(plain: Dataset) -> Dataset:
    """Each column of moons and one of circles turned by 45 degrees: an orthogonal mix, which keeps all distances.

    The columns are not standardised again, which would not; their variance is off by the two tasks' chance correlation.
    """
    a, b = (list(task.inputs) for task in plain.tasks)
    xs = []
    for split in _splits(plain):
        x = split.x.astype(np.float64)
        x[:, a], x[:, b] = (x[:, a] + x[:, b]) / np.sqrt(2), (x[:, b] - x[:, a]) / np.sqrt(2)
        xs.append(x.astype(np.float32))
    return rebuilt(plain, xs, [split.y for split in _splits(plain)])


def _shuffled(plain: Dataset, seed: int) -> Dataset:
    """Every task's labels in a random order, in every part: as many of each as before, and none follows from x."""
    ys = [split.y.copy() for split in _splits(plain)]
    for part, y in zip(PARTS, ys, strict=True):
        for task in plain.tasks:
            order = stream(seed, "labels", task.name, part).permutation(len(y))
            y[:, task.outputs] = y[order][:, task.outputs]
    return rebuilt(plain, [split.x for split in _splits(plain)], ys)


def _splits(dataset: Dataset) -> tuple[Split, Split, Split]:
    return dataset.train, dataset.val, dataset.test
