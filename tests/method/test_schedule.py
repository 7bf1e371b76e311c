"""Trajectories: the published numbers, their properties, and what cannot be."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth.method.schedule import implied_rate, trajectory


def test_target_and_levels_give_the_rate() -> None:
    assert trajectory(1000, target=200, levels=6) == (1000, 765, 585, 447, 342, 262, 200)
    assert implied_rate(1000, 200, 6) == pytest.approx(0.2353, abs=5e-5)


@pytest.mark.parametrize(
    ("prunable", "target", "levels", "rate"),
    [(1_544_480, 600, 20, 0.32474), (410**2 + 6 * 410, 112, 20, 0.3068), (266_200, 600, 18, 0.2872)],
)
def test_implied_rates_of_the_literature(prunable: int, target: int, levels: int, rate: float) -> None:
    digits = len(str(rate)) - 2
    assert round(implied_rate(prunable, target, levels), digits) == rate
    assert trajectory(prunable, target=target, levels=levels)[-1] == target


def test_remaining_shares_of_lenet_in_the_lottery_ticket_paper() -> None:
    layers = [trajectory(n, rate=p, levels=20) for n, p in ((235_200, 0.2), (30_000, 0.2), (1_000, 0.1))]
    shares = [100 * sum(keeps) / 266_200 for keeps in zip(*layers, strict=True)]
    published = {0: 100, 1: 80.04, 2: 64.06, 3: 51.28, 5: 32.87, 7: 21.07, 9: 13.52, 12: 6.95, 13: 5.57}
    published |= {15: 3.58, 17: 2.31, 20: 1.19}
    assert {level: round(shares[level], 2) for level in published} == published


def test_rate_and_levels() -> None:
    assert trajectory(112, rate=0.32, levels=3) == (112, 76, 52, 35)


def test_rate_and_target_stop_at_the_first_level_that_reaches_the_target() -> None:
    # 1000, 800, 640, 512, 410, 328, 262, 210, 168: the last is clipped to the target.
    assert trajectory(1000, rate=0.2, target=200) == (1000, 800, 640, 512, 410, 328, 262, 210, 200)
    assert trajectory(1000, rate=0.2, target=512) == (1000, 800, 640, 512)
    # 167.77 rounds to 168, so level 8 reaches 168 although the exact count of level 8 is below it and of 7 above.
    assert trajectory(1000, rate=0.2, target=168)[-2:] == (210, 168)
    # 327.68 rounds to 328: the rounded trajectory needs another level for 327.
    assert trajectory(1000, rate=0.2, target=327)[-2:] == (328, 327)


def test_a_target_is_met_exactly_where_floats_are_not() -> None:
    assert trajectory(10**17, target=3 * 10**16 + 1, levels=5)[-1] == 3 * 10**16 + 1


def test_one_shot_and_dense() -> None:
    assert trajectory(1000, target=10, levels=1) == (1000, 10)
    assert trajectory(1000, rate=0.99, levels=1) == (1000, 10)
    assert trajectory(1000, rate=0.99, target=10) == (1000, 10)
    assert trajectory(1000, target=1000, levels=0) == (1000,)
    assert trajectory(1000, rate=0.2, levels=0) == (1000,)
    assert trajectory(1000, rate=0.2, target=1000) == (1000,)
    assert trajectory(1, target=1, levels=0) == (1,)
    assert implied_rate(1000, 1000, 0) == 0


def test_a_parameter_a_level() -> None:
    assert trajectory(4, target=1, levels=3) == (4, 3, 2, 1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "exactly two"),
        ({"rate": 0.2}, "exactly two"),
        ({"levels": 0}, "exactly two"),
        ({"rate": 0.2, "target": 200, "levels": 8}, "exactly two"),
        ({"target": 1001, "levels": 2}, "target=1001"),
        ({"target": 0, "levels": 2}, "target=0"),
        ({"rate": 0.2, "target": 1001}, "target=1001"),
        ({"rate": 0.0, "levels": 2}, "rate=0.0"),
        ({"rate": 1.0, "levels": 2}, "rate=1.0"),
        ({"rate": float("nan"), "levels": 2}, "rate=nan"),
        ({"rate": 0.2, "levels": -1}, "levels=-1"),
        ({"target": 999, "levels": 0}, "can only be 1000"),
        ({"target": 1000, "levels": 1}, "only 0 can go"),
        ({"target": 900, "levels": 101}, "only 100 can go"),
        ({"rate": 1e-5, "levels": 1}, "level 1 would keep 1000 of 1000"),
        ({"rate": 0.2, "levels": 30}, "must remove some"),
        ({"rate": 0.9995, "levels": 1}, "no parameter of 1000"),
        ({"target": 1, "levels": 100}, "must remove some"),
        ({"rate": 1e-5, "target": 500}, "too small"),
        ({"rate": 0.1, "target": 1}, "too small"),
    ],
)
def test_what_cannot_be_is_told(wrong: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        trajectory(1000, **wrong)
    assert "\n" not in str(error.value)


def test_nothing_to_prune_is_refused() -> None:
    with pytest.raises(ValueError, match="prunable=0"):
        trajectory(0, rate=0.2, levels=0)


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.integers(0, 60), st.floats(0.001, 0.999))
def test_every_trajectory_falls_from_all_to_the_target(prunable: int, target: int, levels: int, rate: float) -> None:
    for asked in (
        {"target": target, "levels": levels},
        {"rate": rate, "levels": levels},
        {"rate": rate, "target": target},
    ):
        try:
            keeps = trajectory(prunable, **asked)  # type: ignore[arg-type]
        except ValueError:
            continue
        assert keeps[0] == prunable
        assert keeps[-1] == asked.get("target", keeps[-1]) >= 1
        assert len(keeps) - 1 == asked.get("levels", len(keeps) - 1)
        assert all(
            isinstance(keep, int) and after < before for before, after in pairwise(keeps) for keep in (before, after)
        )
        implied = asked.get("rate", implied_rate(prunable, keeps[-1], len(keeps) - 1))
        assert all(keep == round(prunable * (1 - implied) ** level) for level, keep in enumerate(keeps[:-1]))


@given(st.integers(100, 10**7), st.floats(0.05, 0.9))
def test_rate_and_target_take_the_fewest_levels(prunable: int, rate: float) -> None:
    target = max(prunable // 10, 20)
    keeps = trajectory(prunable, rate=rate, target=target)
    last = len(keeps) - 1
    assert round(prunable * (1 - rate) ** last) <= target
    assert all(round(prunable * (1 - rate) ** level) > target for level in range(last))


@given(st.integers(10_000, 10**7), st.integers(1, 15))
def test_more_levels_remove_less_in_each(prunable: int, levels: int) -> None:
    assert implied_rate(prunable, 100, levels + 1) < implied_rate(prunable, 100, levels)


def test_a_rate_that_stalls_says_where_and_at_how_many() -> None:
    """20, 19, 18, 17, 16, 15, and round(14.7) is 15 again."""
    with pytest.raises(ValueError, match="level 6 would keep all the 15 parameters left"):
        trajectory(20, rate=0.05, target=1)
