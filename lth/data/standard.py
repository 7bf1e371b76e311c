"""Columns on a common scale: minus the training part's mean, over its deviation."""

from collections.abc import Sequence

import numpy as np


def standardised(parts: Sequence[np.ndarray], what: str) -> list[np.ndarray]:
    """Every column minus the training part's mean, over its deviation; (N, columns) float32 per part."""
    with np.errstate(all="ignore"):  # what is not finite is refused
        mean, scale = _centre(parts[0])
        standardised = []
        for part in parts:
            centred = part - mean
            centred *= scale  # in place: the images of two collections are large in float64
            standardised.append(centred.astype(np.float32))
    if not np.isfinite(scale).all() or not all(np.isfinite(part).all() for part in standardised):
        raise ValueError(f"{what} must be finite, with a deviation that is neither 0 nor infinite where they vary")
    return standardised


def _centre(train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every column's mean, and one over its deviation: 0 where it is constant, infinite or none where it has none."""
    mean, deviation = train.mean(0, dtype=np.float64), train.std(0, dtype=np.float64)
    deviation[~np.isfinite(deviation)] = 0
    # Not `deviation > 0`: the mean of a constant column may be off by a rounding error.
    return mean, np.divide(1.0, deviation, out=np.zeros_like(deviation), where=train.max(0) != train.min(0))
