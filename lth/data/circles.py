"""A circle inside a circle (those of scikit-learn's make_circles): a binary task of two inputs."""

import numpy as np

from lth.data import curves
from lth.data.source import Rows, Sizes, Source, check_noise, drawn


def source(sizes: Sizes, seed: int, noise: float, factor: float, name: str = "circles") -> Source:
    """Circles of radius 1 and `factor` with Gaussian `noise` (deviation, in outer radii); x (N, 2), y (N, 1)."""
    check_noise(noise)
    if not isinstance(factor, int | float) or isinstance(factor, bool) or not 0 <= factor < 1:
        raise ValueError(f"factor={factor!r}: must be a number of at least 0 and below 1")

    def draw(samples: int, random: np.random.Generator) -> Rows:
        outer, inner = (curves.arc(part, 2 * np.pi, closed=True) for part in (samples // 2, samples - samples // 2))
        return curves.rows(outer, factor * inner, noise, int(random.integers(2**32)))

    return drawn(name, "binary", draw, sizes, seed)
