"""What the statistics take and give: numbers with nulls among them, and a figure with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LEVEL = 0.95  # of every interval

Numbers = Sequence[float] | Sequence[float | None] | np.ndarray | pd.Series
Flags = Sequence[bool] | Sequence[int] | np.ndarray | pd.Series


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
