"""MNIST-1D: ten one-dimensional digits, padded, stretched, moved, sheared and noisy, of 40 values each.

Source: Greydanus, Scaling Down Deep Learning, 2020; equal draws give the numbers of its package `mnist1d`.
"""

import numpy as np

from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, drawn, one_hot

INPUTS, CLASSES = 40, 10
_LENGTH, _PADDING, _FURTHEST = 12, (36, 60), 48
_STRETCH, _SHEAR, _NOISE, _SMOOTH_NOISE, _SMOOTHED_OVER = 0.4, 0.75, 0.02, 0.25, 2
_DIGITS = (
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)


def build(n_train: int = 4000, n_val: int = 1000, n_test: int = 1000, seed: int = 0, noise_inputs: int = 0) -> Dataset:
    """The task "digits": 40 inputs, 10 outputs, classes in equal shares; each seed draws anew. Raises ValueError."""
    sizes = Sizes(n_train, n_val, n_test)
    return side_by_side("mnist1d", [source(sizes, seed)], seed=seed, noise_inputs=noise_inputs)


def source(sizes: Sizes, seed: int) -> Source:
    """The samples of each part: x (N, 40), y (N, 10) one-hot."""

    def draw(samples: int, random: np.random.Generator) -> Rows:
        labels = np.arange(samples) % CLASSES
        return Rows(signals(labels, np.random.RandomState(random.integers(2**32))), one_hot(labels, CLASSES))

    return drawn("mnist1d", "classes", draw, sizes, seed)


def signals(labels: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """One signal for each label 0..9, (N, 40) float64."""
    digits = _templates()
    return np.stack([_signal(digits[label], random) for label in labels])


def _templates() -> np.ndarray:
    """The digits (10, 12), of deviation 1/6 each, from 0 to 0."""
    digits = np.array(_DIGITS)
    digits = (digits - digits.mean(1, keepdims=True)) / digits.std(1, keepdims=True)
    return (digits - digits[:, :1]) / 6


def _signal(digit: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    fewest, most = _PADDING
    padding = fewest + int(random.rand() * (most - fewest + 1))
    # Where a digit is exactly 0 it must not be taken for padding, which smooth noise is put into.
    long = _resampled(np.append(digit + 1e-8, np.zeros(padding)), _LENGTH + most)
    long = long * (1 + _STRETCH * (random.rand() - 0.5))
    long = np.roll(long, random.choice(_FURTHEST))
    smooth = gaussian_filter(_SMOOTH_NOISE * random.randn(len(long)), _SMOOTHED_OVER)
    noisy = np.where(long != 0, long, smooth) + _NOISE * random.randn(len(long))
    tilt = _SHEAR * (random.rand() - 0.5)
    return _resampled(noisy - tilt * np.linspace(-0.5, 0.5, len(noisy)), INPUTS)


def _resampled(values: np.ndarray, count: int) -> np.ndarray:
    return np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(values)), values)
