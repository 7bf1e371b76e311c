"""What the statistics take and give: numbers with nulls among them, and a figure with its interval."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LEVEL = 0.95  # of every interval

Numbers = Sequence[float] | Sequence[float | None] | np.ndarray | pd.Series
Flags = Sequence[bool] | Sequence[int] | np.ndarray | pd.Series
Clusters = Sequence[Hashable] | np.ndarray | pd.Series


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval from n observations; not a number where n is too small for one."""

    value: float
    low: float
    high: float
    n: int


def numbers(values: Any) -> np.ndarray:
    """(n,) float64, nulls as not a number; a copy."""
    return pd.Series(values).astype("Float64").to_numpy(dtype=float, na_value=np.nan, copy=True)


def known_numbers(values: Any) -> np.ndarray:
    """The numbers without nulls, (n,) float64."""
    found = numbers(values)
    return found[~np.isnan(found)]


def flags(happened: Any) -> np.ndarray:
    """(n,) bool. Raises ValueError where one is null, which is neither."""
    given = pd.Series(happened, dtype=object)
    if given.isna().any():
        raise ValueError(f"flags that are null: {given.isna().sum()} of {len(given)}")
    return given.to_numpy(dtype=bool)


def cluster_codes(clusters: Clusters, *, ordered: bool = False) -> np.ndarray:
    """(n,) integers from 0 on, one for each cluster in the order of their values or else of their first rows.

    Raises ValueError where a row has none: to leave it out would tell of fewer rows than there are.
    """
    given = clusters if isinstance(clusters, pd.Series) else pd.Series(list(clusters), dtype=object)
    codes = pd.factorize(given, sort=ordered)[0]
    if (codes < 0).any():
        raise ValueError(f"rows without a cluster: {(codes < 0).sum()} of {len(codes)}")
    return codes
