"""Two formulas side by side, learnt as regression (kind `values`), of four inputs uniform in (-1, 1)."""

from collections.abc import Callable

import numpy as np

from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, check_noise, drawn

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]  # two inputs (N,) -> target (N,)


def _sine(x2: np.ndarray, x4: np.ndarray) -> np.ndarray:
    return x2**2 + np.sin(np.pi * x4)


def _cube(x1: np.ndarray, x3: np.ndarray) -> np.ndarray:
    return (x1 + x3) ** 3


def _quadratic(x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    return x1**2 + x1 * x2 - x2


def _cubic(x3: np.ndarray, x4: np.ndarray) -> np.ndarray:
    return x3**3 - 2 * x3 * x4**2


def build_symbolic(
    noise: float = 0.1,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Task sine, y1 = x2² + sin(pi x4), and task cube, y2 = (x1 + x3)³: 4 inputs x1 … x4, 2 outputs. Raises ValueError.

    `noise` is the deviation of what is added to the targets before they are normalised.
    """
    sizes = Sizes(n_train, n_val, n_test)
    sources = [_source("sine", _sine, noise, sizes, seed), _source("cube", _cube, noise, sizes, seed)]
    return side_by_side("symbolic_pair", sources, seed=seed, noise_inputs=noise_inputs, places=(1, 3, 0, 2))


def build_polynomial(
    noise: float = 0.1,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Task quadratic, y1 = x1² + x1 x2 - x2, and task cubic, y2 = x3³ - 2 x3 x4²: 4 inputs, 2 outputs.

    `noise` as in the symbolic pair. Raises ValueError.
    """
    sizes = Sizes(n_train, n_val, n_test)
    sources = [_source("quadratic", _quadratic, noise, sizes, seed), _source("cubic", _cubic, noise, sizes, seed)]
    return side_by_side("polynomial_pair", sources, seed=seed, noise_inputs=noise_inputs)


def _source(name: str, formula: Formula, noise: float, sizes: Sizes, seed: int) -> Source:
    check_noise(noise)

    def draw(samples: int, random: np.random.Generator) -> Rows:
        x = random.uniform(-1, 1, (samples, 2))
        y = formula(x[:, 0], x[:, 1]) + noise * random.standard_normal(samples)
        return Rows(x, y[:, None])

    return drawn(name, "values", draw, sizes, seed)
