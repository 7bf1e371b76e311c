"""A circle inside a circle (scikit-learn's make_circles): a binary task of two inputs."""

import numpy as np
from sklearn.datasets import make_circles

from lth.data.source import Rows, Sizes, Source, check_noise, drawn


def source(sizes: Sizes, seed: int, noise: float, factor: float, name: str = "circles") -> Source:
    """Circles of radius 1 and `factor` with Gaussian `noise` (deviation, in outer radii); x (N, 2), y (N, 1)."""
    check_noise(noise)
    if not isinstance(factor, int | float) or isinstance(factor, bool) or not 0 <= factor < 1:
        raise ValueError(f"factor={factor!r}: must be a number of at least 0 and below 1")

    def draw(samples: int, random: np.random.Generator) -> Rows:
        x, labels = make_circles(samples, noise=noise, factor=factor, random_state=int(random.integers(2**32)))
        return Rows(np.asarray(x), np.asarray(labels)[:, None])

    return drawn(name, "binary", draw, sizes, seed)
