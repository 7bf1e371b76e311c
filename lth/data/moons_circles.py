"""Moons and circles side by side: the dataset of the thesis, with or without digits as a third, larger task."""

from lth.data import circles, digits, moons
from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Sizes


def build(
    noise: float = 0.1,
    factor: float = 0.35,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks moons and circles: 4 inputs, 2 outputs. Raises ValueError naming the key, its value and what is allowed."""
    sizes = Sizes(n_train, n_val, n_test)
    sources = [moons.source(sizes, seed, noise), circles.source(sizes, seed, noise, factor)]
    return side_by_side("moons_circles", sources, seed=seed, noise_inputs=noise_inputs)


def build_with_digits(
    noise: float = 0.1,
    factor: float = 0.35,
    n_train: int = 1077,
    n_val: int = 360,
    n_test: int = 360,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks moons, circles and digits, of 2, 2 and 64 inputs and 1, 1 and 10 outputs. Raises ValueError."""
    sizes = Sizes(n_train, n_val, n_test)
    sources = [
        moons.source(sizes, seed, noise),
        circles.source(sizes, seed, noise, factor),
        *digits.sources(["digits"], sizes, seed),
    ]
    return side_by_side("moons_circles_digits", sources, seed=seed, noise_inputs=noise_inputs)
