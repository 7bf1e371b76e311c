"""Two interleaved half circles (those of scikit-learn's make_moons): a binary task of two inputs."""

import numpy as np

from lth.data import curves
from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, check_noise, check_whole, drawn


def source(sizes: Sizes, seed: int, noise: float, name: str = "moons") -> Source:
    """Moons with Gaussian `noise` (deviation, in radii of the half circles); x (N, 2), y (N, 1)."""
    check_noise(noise)

    def draw(samples: int, random: np.random.Generator) -> Rows:
        upper, lower = (curves.arc(part, np.pi, closed=False) for part in (samples // 2, samples - samples // 2))
        return curves.rows(upper, 1.0 - lower - [0.0, 0.5], noise, int(random.integers(2**32)))

    return drawn(name, "binary", draw, sizes, seed)


def build(
    n: int = 2,
    noise: float = 0.1,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """n moons side by side, each its own draw: tasks moons1 … moonsn, 2n inputs, n outputs. Raises ValueError."""
    check_whole("n", n, 2)
    sizes = Sizes(n_train, n_val, n_test)
    sources = [source(sizes, seed, noise, f"moons{number}") for number in range(1, n + 1)]
    return side_by_side(f"{n}_moons", sources, seed=seed, noise_inputs=noise_inputs)
