"""What the contestants of the bench train: the same networks from the same values on the same batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch

from lth.randomness import generator
from lth.training.mlp import initial_rows

BATCH = 64


@dataclass(frozen=True, eq=False)
class Start:
    """A network of these widths with this mask (size,); pruned weights start at zero, biases are never pruned."""

    widths: tuple[int, ...]
    mask: np.ndarray

    @classmethod
    def of(cls, hidden: int, density: float, inputs: int = 4, outputs: int = 2) -> "Start":
        """Two hidden layers of this size, the share `density` of every layer's weights unpruned, by lot."""
        widths, random = (inputs, hidden, hidden, outputs), np.random.default_rng(0)
        parts = []
        for fan_in, fan_out in pairwise(widths):
            weights = random.random(fan_in * fan_out) < density
            parts += [weights, np.ones(fan_out, dtype=bool)]
        return cls(widths, np.concatenate(parts))

    def rows(self, seeds: int) -> np.ndarray:
        """The first values (seeds, size) float32 of so many seeds."""
        return initial_rows(self.widths, range(seeds)).numpy() * self.mask


def orders(seeds: Sequence[int], samples: int, first: int, epochs: int) -> np.ndarray:
    """The batches (seeds, epochs, batches, BATCH) int32 of every seed's own stream; the last batch is filled up."""
    batches = -(-samples // BATCH)
    found = np.zeros((len(seeds), epochs, batches * BATCH), dtype=np.int32)
    for place, seed in enumerate(seeds):
        for epoch, order in enumerate(_stream(seed, samples, first + epochs)[first:]):
            found[place, epoch, :samples] = order
    return found.reshape(len(seeds), epochs, batches, BATCH)


@lru_cache(maxsize=64)
def _stream(seed: int, samples: int, epochs: int) -> tuple[np.ndarray, ...]:
    stream = generator(seed, "batches", 0)
    return tuple(torch.randperm(samples, generator=stream).numpy() for _ in range(epochs))
