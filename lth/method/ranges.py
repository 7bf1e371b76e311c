"""What the numbers and words of a part may be: one line says which is wrong, and what is allowed."""

from __future__ import annotations

import math


def at_least(least: int, part: object, *names: str, unit: str = "") -> None:
    """Raise ValueError where a number of the part is below `least`, or no number."""
    for name in names:
        value = getattr(part, name)
        if not value >= least:
            raise ValueError(f"{name}={value}: must be {least} or more{unit and f' {unit}'}")


def above_zero(part: object, *names: str) -> None:
    """Raise ValueError where a number of the part is 0 or below, infinite, or no number."""
    for name in names:
        value = getattr(part, name)
        if not 0 < value < math.inf:
            raise ValueError(f"{name}={value}: must be above 0")


def between_zero_and_one(part: object, *names: str) -> None:
    """Raise ValueError where a share is not strictly between 0 and 1."""
    for name in names:
        value = getattr(part, name)
        if not 0 < value < 1:
            raise ValueError(f"{name}={value}: must be above 0 and below 1")


def one_of(part: object, name: str, *known: object) -> None:
    """Raise ValueError where a choice is none of those known."""
    value = getattr(part, name)
    if value not in known:
        *others, last = map(str, known)
        raise ValueError(f"{name}={value}: must be {', '.join(others)} or {last}")
