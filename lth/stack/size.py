"""How many seeds train best together."""

from collections.abc import Sequence
from itertools import pairwise

# The working set that a core's caches still serve well; measured by `make bench`, table "seeds per sub-stack".
CACHE_NUMBERS = 600_000
MOST_SEEDS = 64


def best_seeds(widths: Sequence[int], batch_size: int) -> int:
    """The number of seeds of these widths, 1 to 64, whose weights, moments and activations share the cache."""
    parameters = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))
    numbers = 5 * parameters + 2 * batch_size * sum(widths)
    return max(1, min(MOST_SEEDS, CACHE_NUMBERS // numbers))
