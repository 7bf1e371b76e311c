"""What one task brings along before it meets others: its raw samples in three parts."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lth.data.dataset import Kind

PARTS = ("train", "val", "test")
MOST_NOISE = 1e100  # its square is finite; the data are standardised afterwards


class Rows(NamedTuple):
    """Raw samples: x (N, inputs) and y (N, outputs), not standardised."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Source:
    """One task on its own: name, kind, and the raw samples of each part ("train", "val", "test").

    `standardise`: whether its inputs are standardised where they are grey values; others always are.
    """

    name: str
    kind: Kind
    parts: dict[str, Rows]
    standardise: bool = True


@dataclass(frozen=True)
class Sizes:
    """Samples in each part. Raises ValueError for a part that is not a whole number of at least 1."""

    n_train: int
    n_val: int
    n_test: int

    def __post_init__(self) -> None:
        for part, size in self.items():
            check_whole(f"n_{part}", size, 1)

    def items(self) -> Iterable[tuple[str, int]]:
        """Each part's name with its size."""
        return zip(PARTS, (self.n_train, self.n_val, self.n_test), strict=True)


def check_whole(key: str, value: object, least: int) -> None:
    """Raise ValueError unless the value is a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{key}={value!r}: must be a whole number of at least {least}")


def check_noise(noise: object) -> None:
    """Raise ValueError unless the noise is a number from 0 to MOST_NOISE."""
    if not isinstance(noise, int | float) or isinstance(noise, bool) or not 0 <= noise <= MOST_NOISE:
        raise ValueError(f"noise={noise!r}: must be a number from 0 to {MOST_NOISE:g}")


def stream(seed: int, *words: object) -> np.random.Generator:
    """The random stream of a data seed for one purpose: equal words, equal stream; others are unrelated."""
    check_whole("seed", seed, 0)
    key = repr((seed, *words)).encode()
    return np.random.default_rng(int.from_bytes(hashlib.blake2b(key, digest_size=16).digest(), "little"))


def drawn(name: str, kind: Kind, draw: Callable[[int, np.random.Generator], Rows], sizes: Sizes, seed: int) -> Source:
    """A source without end: each part is `draw(samples, random)` with its own stream, whatever the others' sizes."""
    return Source(name, kind, {part: draw(size, stream(seed, name, part)) for part, size in sizes.items()})


def stratified(labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """An order (N,) of samples in which every stretch holds the classes of `labels` (N,) in their overall shares."""
    position = np.empty(len(labels))
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        position[rows] = (np.arange(len(rows)) + random.random()) / len(rows)
    return np.argsort(position, kind="stable")


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels 0..classes-1 (N,) as float32 (N, classes)."""
    return np.eye(classes, dtype=np.float32)[labels]
