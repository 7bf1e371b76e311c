"""Grey values that are kept as bytes and made numbers as they are read: a quarter of the memory."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

MOST = 255
_ROWS = 1024  # samples that are in float64 at once


@dataclass(frozen=True, eq=False)
class Pixels:
    """Grey values (N, columns) uint8, each column with the `mean` that is taken off and the `scale` that follows.

    These and the `variance` of grey values from 0 to 1, (columns,) float64 each, are of the training part; what is
    constant there has a scale and a variance of 0, and reads as 0 everywhere.
    """

    values: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    variance: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and columns."""
        return self.values.shape[0], self.values.shape[1]

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
        return cls(*(np.concatenate([getattr(one, each.name) for one in blocks], axis=-1) for each in fields(cls)))


def pixels(parts: Sequence[np.ndarray], *, standardise: bool = True) -> list[Pixels]:
    """(N, columns) uint8 per part, the training part first, by whose mean and deviation all are standardised.

    Without `standardise` they read as grey values from 0 to 1.
    """
    mean, deviation = _centre(parts[0])
    varies = deviation > 0
    if not standardise:
        mean, divisor = np.zeros_like(mean), np.full_like(mean, MOST)
    else:
        divisor = deviation
    scale = np.divide(1.0, divisor, out=np.zeros_like(mean), where=varies)
    return [Pixels(part, mean, scale, (deviation / MOST) ** 2) for part in parts]


def _centre(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every column's mean and deviation; sums of bytes are exact."""
    total = train.sum(axis=0, dtype=np.int64)
    squares = sum(
        (train[first : first + _ROWS].astype(np.int64) ** 2).sum(axis=0) for first in range(0, len(train), _ROWS)
    )
    count = len(train)
    return total / count, np.sqrt(np.asarray(count * squares - total**2, dtype=np.float64)) / count
