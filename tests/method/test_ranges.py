"""What a part refuses, in the words that a user reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from lth.method.criterion.obs import Obs
from lth.method.ranges import above_zero, at_least, between_zero_and_one, one_of
from lth.method.restart.surgeon import Surgeon


@pytest.mark.parametrize(
    ("check", "right", "wrong", "line"),
    [
        (lambda part: at_least(1, part, "x"), (1, 2, 1.5), (0, 0.9, -1, math.nan), "must be 1 or more"),
        (lambda part: at_least(0, part, "x", unit="steps"), (0, 3), (-1, math.nan), "must be 0 or more steps"),
        (lambda part: above_zero(part, "x"), (1e-9, 5), (0, -1, math.inf, math.nan), "must be above 0"),
        (lambda part: between_zero_and_one(part, "x"), (0.1, 0.9), (0, 1, math.nan), "must be above 0 and below 1"),
        (lambda part: one_of(part, "x", "a", "b", "c"), ("a", "c"), ("d", "", None), "must be a, b or c"),
        (lambda part: one_of(part, "x", 1, 2), (1, 2), (3, 0), "must be 1 or 2"),
    ],
)
def test_a_value_outside_its_range_is_named_with_what_is_allowed(
    check: Callable[[Any], None], right: tuple, wrong: tuple, line: str
) -> None:
    for value in right:
        check(SimpleNamespace(x=value))
    for value in wrong:
        with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole line is compared
            check(SimpleNamespace(x=value))
        assert str(raised.value) == f"x={value}: {line}"


def test_every_name_is_checked_and_the_first_wrong_one_told() -> None:
    with pytest.raises(ValueError, match=r"^b=0: "):
        above_zero(SimpleNamespace(a=1, b=0, c=0), "a", "b", "c")


@pytest.mark.parametrize("part", [Obs, Surgeon])
def test_both_parts_of_optimal_brain_surgeon_have_the_same_options(part: type[Obs | Surgeon]) -> None:
    assert (part().samples, part().damping) == (500, 1e-4)
    with pytest.raises(ValueError, match=r"^samples=0: must be 1 or more$"):
        part(samples=0)
    with pytest.raises(ValueError, match=r"^damping=0: must be above 0$"):
        part(damping=0)
