"""What is told of clustered runs: means and their differences, slopes, where half of a curve lies, likeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lth.statistics.bootstrap import LEVELS, Estimate, estimate, unanimous
from lth.statistics.values import cluster_codes

_STEPS = 25  # of Newton's method


@dataclass(frozen=True)
class Runs:
    """One value a run (n,), and the cluster (n,) it belongs to, as numbers from 0 on."""

    value: np.ndarray
    cluster: np.ndarray

    @classmethod
    def of(cls, value: pd.Series, cluster: pd.Series) -> Runs:
        """From columns of a table, which have no nulls. Raises ValueError where a row has no cluster."""
        return cls(value.to_numpy(dtype=float), cluster_codes(cluster, ordered=True))

    def sums(self, *columns: np.ndarray) -> np.ndarray:
        """The sum over the runs of every cluster (clusters, k) of columns (n,)."""
        found = np.zeros((self.cluster.max(initial=-1) + 1, len(columns)))
        np.add.at(found, self.cluster, np.column_stack(columns))
        return found


def contrast(runs: Runs, groups: Sequence[np.ndarray], signs: Sequence[int], alike: float | None = None) -> Estimate:
    """The sum of the groups' means with these signs: one group's mean, a difference, a difference of differences.

    `groups` are flags (n,) of who belongs. With `alike` the values are yes (1) and no (0), less a chance that is small,
    and a group in which all runs agree gets the slack of `unanimous`.
    """
    flags = [np.asarray(group, dtype=float) for group in groups]
    moments = runs.sums(*flags, *(flag * runs.value for flag in flags))
    count = len(flags)

    def figure(sums: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (sums[:, count:] / sums[:, :count]) @ np.asarray(signs, dtype=float)

    slack = np.zeros((len(LEVELS), 2))  # down and up
    for flag, sign in zip(flags, signs, strict=True):
        mine = runs.value[flag > 0]
        if alike is not None and len(mine) and len(np.unique(mine.round())) == 1:
            clusters = len(np.unique(runs.cluster[flag > 0]))
            more = unanimous(abs(mine[0].round()), len(mine), clusters, alike)
            slack = np.hypot(slack, more if sign > 0 else more[:, ::-1])
    used = np.any([flag > 0 for flag in flags], axis=0)
    return estimate(moments, figure, int(used.sum()), slack)


def slope(runs: Runs, x: np.ndarray) -> Estimate:
    """The slope of the values over x by least squares."""
    moments = runs.sums(np.ones_like(x), x, runs.value, x * x, x * runs.value)

    def figure(sums: np.ndarray) -> np.ndarray:
        n, sx, sy, sxx, sxy = sums.T
        with np.errstate(invalid="ignore", divide="ignore"):
            return (n * sxy - sx * sy) / (n * sxx - sx * sx)

    return estimate(moments, figure, len(x))


def midpoint(runs: Runs, x: np.ndarray, at: float) -> Estimate:
    """The x at which a logistic curve through yes (1) and no (0) has the height `at`; none where it does not rise.

    An x that is further outside of those seen than they are apart says no more than that: it is taken as there.
    """
    places, index = np.unique(x, return_inverse=True)
    here = index[:, None] == np.arange(len(places))
    moments = runs.sums(*here.T.astype(float), *(here * runs.value[:, None]).T)

    def figure(sums: np.ndarray) -> np.ndarray:
        start, rise = logistic_curve(places, sums[:, : len(places)], sums[:, len(places) :])
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.where(rise > 0, (np.log(at / (1 - at)) - start) / rise, np.nan)
        return np.clip(found, 2 * places[0] - places[-1], 2 * places[-1] - places[0])

    return estimate(moments, figure, len(x))


def logistic_curve(places: np.ndarray, trials: np.ndarray, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intercept and slope (d,) of d logistic regressions of `hits` in `trials` (d, k) over places (k,), by Newton.

    Every place has a hundredth of an observation of either kind besides, so that outcomes without an overlap give a
    steep curve instead of none.
    """
    trials, hits = trials + 0.02, hits + 0.01
    centre, spread = places.mean(), places.std() or 1.0
    z = (places - centre) / spread
    a, b = np.zeros(len(trials)), np.zeros(len(trials))
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(a[:, None] + b[:, None] * z, -30, 30)))
        weight, rest = trials * p * (1 - p), hits - trials * p
        s0, s1, s2 = weight.sum(1), weight @ z, weight @ (z * z)
        g0, g1 = rest.sum(1), rest @ z
        with np.errstate(invalid="ignore", divide="ignore"):
            fall = s0 * s2 - s1 * s1
            a, b = a + np.clip((s2 * g0 - s1 * g1) / fall, -2, 2), b + np.clip((s0 * g1 - s1 * g0) / fall, -2, 2)
    return a - b * centre / spread, b / spread


def alike(runs: Runs, x: np.ndarray) -> Estimate:
    """The intraclass correlation of runs of one cluster and one x, by a one-way analysis of variance for each x.

    Source: Fisher, Statistical Methods for Research Workers, 1925; cells of equal size.
    """
    columns = []
    for place in np.unique(x):
        here = (x == place).astype(float)
        columns += [runs.sums(here, here * runs.value, here * runs.value**2)]
    counts, sums, squares = (np.column_stack([column[:, k] for column in columns]) for k in range(3))
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(counts > 0, sums**2 / counts, 0.0)
    cells = (counts > 0).astype(float)
    moments = np.column_stack([cells, counts, sums, own, squares])
    k = counts.shape[1]

    def figure(total: np.ndarray) -> np.ndarray:
        cells, counts, sums, own, squares = (total[:, part * k : (part + 1) * k] for part in range(5))
        with np.errstate(invalid="ignore", divide="ignore"):
            between = (own - sums**2 / counts).sum(1) / (cells - 1).sum(1)
            within = (squares - own).sum(1) / (counts - cells).sum(1)
            each = counts.sum(1) / cells.sum(1)
            return (between - within) / (between + (each - 1) * within)

    return estimate(moments, figure, len(x))


def mediated(runs: Runs, group: np.ndarray, mediators: np.ndarray) -> Estimate:
    """The part of the effect of belonging to `group` (n,) that is gone once mediators (n, m) are held equal, linearly.

    Source: Baron and Kenny, The Moderator-Mediator Variable Distinction, 1986.
    """
    design = np.column_stack([np.ones(len(group)), group, mediators, runs.value])
    size = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    moments = runs.sums(*products.T)

    def effect(cross: np.ndarray, held: int) -> np.ndarray:
        ridge = 1e-9 * np.eye(held)
        return np.linalg.solve(cross[:, :held, :held] + ridge, cross[:, :held, -1:])[:, 1, 0]

    def figure(sums: np.ndarray) -> np.ndarray:
        cross = sums.reshape(len(sums), size, size)
        with np.errstate(invalid="ignore", divide="ignore"):
            return 1 - effect(cross, size - 1) / effect(cross, 2)

    return estimate(moments, figure, len(group))
