"""Priors that are normal with a scale that is drawn itself: w ~ N(0, λ²·tau²), λ ~ p(λ)."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from lth.method.blocks import in_blocks
from lth.method.layout import Layout
from lth.method.penalty.penalty import Penalty
from lth.method.ranges import above_zero

STEP = 1 / 16  # between the knots of the table, in log z
LARGEST = 30.0  # log z of the last knot: a line beyond, as all these prices become
FINE = 0.05  # between the points of the quadrature, in log λ: the trapezoid's error is far below rounding


@dataclass(frozen=True)
class ScaleMixture(Penalty):
    """strength · Σ [R(z) − R(z at w = 0)] with R = −log p(w), z = (w² + epsilon²)/(2·tau²).

    R is a table in log z, with values and slopes by quadrature and cubics between. Raises ValueError unless all are
    above 0 and epsilon below tau.
    """

    strength: float
    tau: float
    epsilon: float

    def __post_init__(self) -> None:
        above_zero(self, "strength", "tau", "epsilon")
        if not self.epsilon < self.tau:
            raise ValueError(f"epsilon={self.epsilon}: must be below tau={self.tau}")

    @abstractmethod
    def log_density(self, log_scale: np.ndarray) -> np.ndarray:
        """log p(λ) up to a constant, elementwise, at log λ."""

    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:  # noqa: ARG002
        """The price of the unpruned weights, (R,)."""
        weights = in_blocks(raw["weight"])
        lowest = 2 * math.log(self.epsilon / self.tau) - math.log(2)
        above = (weights.square() / self.epsilon**2).log1p() / STEP  # in knots
        knots, slopes = (table.to(weights.device, weights.dtype) for table in _table(self, lowest))
        left = above.detach().floor().clamp(0, len(knots) - 2).long()
        t = (above - left).clamp(max=1)
        beyond = (above - (len(knots) - 1)).clamp(min=0) * slopes[-1]
        found = _cubic(t, knots[left], knots[left + 1], slopes[left], slopes[left + 1]) + beyond
        return self.strength * (found * in_blocks(mask)).sum(dim=1)


def _cubic(t: Tensor, start: Tensor, end: Tensor, slope: Tensor, end_slope: Tensor) -> Tensor:
    """Hermite's cubic between two knots, t from 0 to 1."""
    rise = end - start
    return start + t * (slope + t * (3 * rise - 2 * slope - end_slope + t * (slope + end_slope - 2 * rise)))


@lru_cache(maxsize=32)
def _table(prior: ScaleMixture, lowest: float) -> tuple[Tensor, Tensor]:
    """R above its value at w = 0, and its slope by a knot, at the knots from log z = `lowest` up, float64 (K,)."""
    log_z = lowest + STEP * np.arange(math.ceil((LARGEST - lowest) / STEP) + 1)
    log_scale = np.arange(lowest / 2 - 5, LARGEST / 2 + 45, FINE)
    density = prior.log_density(log_scale)
    values, slopes = np.empty_like(log_z), np.empty_like(log_z)
    for number, knot in enumerate(log_z):
        # log of exp(−z/λ²)·p(λ), the integrand over log λ.
        exponent = np.exp(np.minimum(knot - 2 * log_scale, 700))
        logs = density - exponent
        highest = logs.max()
        shares = np.exp(logs - highest)
        values[number] = -highest - np.log(shares.sum())
        slopes[number] = (shares * exponent).sum() / shares.sum()
    return torch.from_numpy(values - values[0]), torch.from_numpy(slopes * STEP)
