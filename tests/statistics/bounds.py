"""An interval as three numbers, and what is not known of one."""

import math

import pytest

from lth.statistics import Interval

UNKNOWN = pytest.approx(math.nan, nan_ok=True)


def bounds(interval: Interval) -> tuple[float, float, float]:
    """Value, lower and upper end."""
    return interval.value, interval.low, interval.high


def holds(interval: Interval, value: float) -> bool:
    """Whether a value is inside of known bounds."""
    return interval.low <= value <= interval.high
