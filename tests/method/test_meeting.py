"""Keeps that meet several targets: what every such schedule has, and what cannot be."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth.method.schedule import meeting, trajectory

# From 20 parameters on a level at these rates removes more than one, so that no schedule stalls by rounding.
RATES = st.floats(0.1, 0.95)
PRUNABLE = 100_000
TARGETS = st.lists(st.integers(20, PRUNABLE - 1), min_size=1, max_size=6, unique=True).map(
    lambda counts: sorted(counts, reverse=True)
)


@given(RATES, TARGETS)
def test_every_target_is_met_and_no_level_loses_more_than_the_rate(rate: float, targets: list[int]) -> None:
    keeps = meeting(PRUNABLE, rate, targets)
    assert (keeps[0], keeps[-1]) == (PRUNABLE, targets[-1])
    assert {*targets} <= {*keeps}
    for before, after in pairwise(keeps):
        assert after < before
        assert after >= (1 - rate) * (before - 0.5) - 0.5 - 1e-3  # each of the two is rounded by a half at most


@given(RATES, TARGETS)
def test_from_one_target_to_the_next_it_takes_the_fewest_levels(rate: float, targets: list[int]) -> None:
    keeps = meeting(PRUNABLE, rate, targets)
    for before, target in pairwise([PRUNABLE, *targets]):
        levels = keeps.index(target) - keeps.index(before)
        assert before * (1 - rate) ** levels <= target * (1 + 1e-6), "these levels lose more than the rate"
        assert levels == 1 or before * (1 - rate) ** (levels - 1) > target * (1 - 1e-6), "fewer levels would do"


@given(RATES, TARGETS)
def test_from_one_target_to_the_next_it_is_the_schedule_of_a_target_and_levels(rate: float, targets: list[int]) -> None:
    """So that one target alone is met as `target` and `levels` meet it: at the rate implied, evenly."""
    keeps = meeting(PRUNABLE, rate, targets)
    for before, target in pairwise([PRUNABLE, *targets]):
        part = keeps[keeps.index(before) : keeps.index(target) + 1]
        assert part == trajectory(before, target=target, levels=len(part) - 1)


def test_one_target_beside_the_schedule_of_a_rate_and_a_target() -> None:
    """The same where the rate leads to the target; else mostly as many levels, none of which is cut short."""
    assert meeting(1000, 0.2, [512]) == trajectory(1000, rate=0.2, target=512) == (1000, 800, 640, 512)
    assert trajectory(1000, rate=0.2, target=600) == (1000, 800, 640, 600)
    assert meeting(1000, 0.2, [600]) == (1000, 843, 711, 600)
    # 6 levels at 20 % leave 262.144: rounded that is 262, but exactly 262 would take a little more than 20 %.
    assert trajectory(1000, rate=0.2, target=262) == (1000, 800, 640, 512, 410, 328, 262)
    assert len(meeting(1000, 0.2, [262])) - 1 == 7


def test_a_rate_that_leads_to_every_target_needs_no_level_more() -> None:
    assert meeting(1024, 0.5, [512, 64, 1]) == tuple(2**power for power in range(10, -1, -1))
    # As a quotient of logarithms, 3 levels at 30 % are 3.0000000000000004.
    assert meeting(1000, 0.3, [343]) == (1000, 700, 490, 343)
    assert meeting(1000, 0.999, [999, 500, 1]) == (1000, 999, 500, 1)
    assert meeting(1000, 0.5, []) == (1000,)


@pytest.mark.parametrize(
    ("rate", "targets", "says"),
    [
        (0.2, [500, 600], r"targets=\[500, 600\]: 600 must be 1 or more, and less than 500"),
        (0.2, [500, 500], "500 must be 1 or more, and less than 500"),
        (0.2, [1000], "1000 must be 1 or more, and less than 1000"),
        (0.2, [1001, 500], "1001 must be 1 or more, and less than 1000"),
        (0.2, [500, 0], "0 must be 1 or more, and less than 500"),
        (0.2, [-1], "-1 must be 1 or more"),
        (0.0, [500], "rate=0.0: the share removed per level"),
        (1.0, [500], "rate=1.0: the share removed per level"),
        (-0.2, [500], "rate=-0.2: the share removed per level"),
        (float("nan"), [500], "rate=nan: the share removed per level"),
        (1e-4, [500], "rate=0.0001: level 1 would keep 1000 of 1000"),
        (0.2, [500, 1], "rate=0.2: level 29 would keep 2 of 2"),
    ],
)
def test_what_cannot_be_is_told(rate: float, targets: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        meeting(1000, rate, targets)
    assert "\n" not in str(error.value)
