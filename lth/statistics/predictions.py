"""How good predicted chances are, of rows that each count so many times."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_STEPS = 50
_CLOSE = 1e-9
_FLAT = 1e-10  # of the determinant, against the product that it is a difference of


def auc(scores: np.ndarray, events: np.ndarray, strata: np.ndarray | None = None) -> Callable[[np.ndarray], float]:
    """The area under the ROC curve of scores (n,) for events (n,) bool, as a function of how often each row counts.

    It is the chance that an event has the higher score than what is none, ties counting half (Hanley & McNeil, 1982);
    with `strata` (n,) that of pairs of one stratum alone. Not a number without any pair.
    """
    groups = np.zeros(len(scores)) if strata is None else np.unique(strata, return_inverse=True)[1]
    cells, place = np.unique(np.column_stack([groups, scores]), axis=0, return_inverse=True)
    first = np.searchsorted(cells[:, 0], cells[:, 0])  # cell of each cell's stratum, and the one
    last = np.searchsorted(cells[:, 0], cells[:, 0], side="right")  # after its last
    place, happened = place.ravel(), np.asarray(events, dtype=float)

    def of(times: np.ndarray) -> float:
        with_event = np.bincount(place, times * happened, len(cells))
        without = np.bincount(place, times * (1 - happened), len(cells))
        upto = np.concatenate([[0.0], np.cumsum(without)])
        pairs = with_event @ (upto[last] - upto[first])
        below = upto[:-1] - upto[first] + without / 2
        return float(with_event @ below / pairs) if pairs else np.nan

    return of


def brier(chances: np.ndarray, events: np.ndarray) -> Callable[[np.ndarray], float]:
    """The mean squared error of predicted chances (n,) (Brier, 1950), as a function of how often each row counts."""
    errors = (np.asarray(chances, dtype=float) - np.asarray(events, dtype=float)) ** 2

    def of(times: np.ndarray) -> float:
        total = times.sum()
        return float(errors @ times / total) if total else np.nan

    return of


def slope(logits: np.ndarray, events: np.ndarray) -> Callable[[np.ndarray], float]:
    """The slope of a logistic regression of events on predicted logits (n,), as a function of how often rows count.

    1 where the predictions are calibrated, below it where they are too extreme (Cox, 1958); by Newton's steps. Not a
    number where there is no maximum.
    """
    values, place = np.unique(logits, return_inverse=True)
    happened = np.asarray(events, dtype=float)

    def of(times: np.ndarray) -> float:
        return _newton(values, np.bincount(place, times * happened), np.bincount(place, times))

    return of


def _newton(logits: np.ndarray, happened: np.ndarray, trials: np.ndarray) -> float:
    """The slope of the likeliest intercept + slope * logit."""
    if not 0 < happened.sum() < trials.sum():
        return np.nan
    intercept, found = 0.0, 1.0
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(intercept + found * logits, -30, 30)))
        weight, error = trials * chance * (1 - chance), happened - trials * chance
        one, mixed, square = weight.sum(), weight @ logits, weight @ logits**2
        determinant = one * square - mixed * mixed
        if not determinant > _FLAT * one * square:
            return np.nan
        up, along = error.sum(), error @ logits
        step = (one * along - mixed * up) / determinant
        intercept, found = intercept + (square * up - mixed * along) / determinant, found + step
        if abs(step) < _CLOSE:
            return float(found)
    return np.nan
