"""Grey values that are kept as bytes and standardised as they are read: a quarter of the memory of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

MOST = 255
_ROWS = 1024  # samples that are in float64 at once


@dataclass(frozen=True, eq=False)
class Pixels:
    """Grey values (N, columns) uint8, each column with the `mean` that is taken off and the `scale` that follows.

    The mean and the scale (columns,) float64, one over the deviation and 0 for what is constant, are those of the
    training part.
    """

    values: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and columns."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def variance(self) -> np.ndarray:
        """(columns,) variance in the training part, of grey values from 0 to 1; 0 for what is constant."""
        deviation = np.divide(1.0, self.scale, out=np.zeros_like(self.scale), where=self.scale > 0)
        return (deviation / MOST) ** 2

    def numbers(self, at: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """All samples, or those at these places, as (N, columns) float32."""
        values = self.values if at is None else self.values[at]
        found = np.empty(values.shape, dtype=np.float32)
        for first in range(0, len(values), _ROWS):
            rows = slice(first, first + _ROWS)
            found[rows] = (values[rows] - self.mean) * self.scale
        return found

    @classmethod
    def beside(cls, blocks: "Sequence[Pixels]") -> Self:
        """Blocks of columns of the same samples next to each other."""
        return cls(*(np.concatenate([getattr(one, name) for one in blocks], axis=-1) for name in _FIELDS))


_FIELDS = ("values", "mean", "scale")


def standardised_pixels(parts: Sequence[np.ndarray]) -> list[Pixels]:
    """(N, columns) uint8 per part, the training part first, whose mean and deviation all of them are read with."""
    mean, scale = _centre(parts[0])
    return [Pixels(part, mean, scale) for part in parts]


def _centre(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every column's mean, and one over its deviation, 0 where it is constant; sums of bytes are exact."""
    total = train.sum(axis=0, dtype=np.int64)
    squares = sum(
        (train[first : first + _ROWS].astype(np.int64) ** 2).sum(axis=0) for first in range(0, len(train), _ROWS)
    )
    count = len(train)
    deviation = np.sqrt(np.asarray(count * squares - total**2, dtype=np.float64)) / count
    return total / count, np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0)
