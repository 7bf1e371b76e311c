"""Points on two curves, shuffled and disturbed: as scikit-learn's make_moons and make_circles, bit for bit.

Written out, for importing scikit-learn takes a second of every start and of every worker.
"""

import numpy as np

from lth.data.source import Rows


def rows(first: np.ndarray, second: np.ndarray, noise: float, seed: int) -> Rows:
    """Points (N, 2) of two curves as samples of the classes 0 and 1, in one random order, with Gaussian noise."""
    x = np.concatenate([first, second])
    labels = np.repeat([0, 1], [len(first), len(second)])
    random = np.random.RandomState(seed)
    order = np.arange(len(x))
    random.shuffle(order)
    x, labels = x[order], labels[order]
    return Rows(x + random.normal(scale=noise, size=x.shape), labels[:, None])


def arc(samples: int, turn: float, *, closed: bool) -> np.ndarray:
    """Points (N, 2) of a circle of radius 1, evenly over so many radians; a closed one has its end once."""
    angles = np.linspace(0, turn, samples, endpoint=not closed)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
