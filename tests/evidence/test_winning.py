"""winning: matched comparisons against answers that one can count, and tables whose truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lth.collect import Missing
from lth.evidence.winning import EPOCHS, WINS, matched, winning
from tests.statistics.bounds import holds

J, S = "interconnected", "separated"  # joined, split


def run(data: int, seed: int, statuses: list[str], wins: list[Any], hidden: int = 57) -> tuple[pd.DataFrame, ...]:
    """A run with these statuses from level 0 on, that wins or not from level 1 on, by every definition."""
    n = len(statuses)
    front = {"run": f"h={hidden},d={data}", "model.hidden": hidden, "dataset.seed": data, "seed": seed}
    front |= {"level": range(n)}
    won = pd.array([None, *wins], dtype="boolean")
    levels = pd.DataFrame({**front, "state": "finished", "status": statuses, "winning": won})
    # Twice as many epochs as the dense level where it does not win, as many where it does.
    epochs = pd.array([10, *(10 if one else 20 for one in wins)], dtype="Int64")
    courses = pd.DataFrame({**front, **dict.fromkeys(WINS[1:], won), **dict.fromkeys(EPOCHS, epochs)})
    return levels.assign(epochs=40), courses


def tables(*runs: tuple[pd.DataFrame, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    levels, courses = (pd.concat(parts, ignore_index=True) for parts in zip(*runs, strict=True))
    return levels, courses


def test_the_matched_difference_is_mantel_and_haenszel_s() -> None:
    """Two strata: 3 of 4 against 1 of 2, 0 of 1 against 2 of 4; the third has one kind alone."""
    split = np.array([1] * 4 + [0] * 2 + [1] + [0] * 4 + [1] * 3, dtype=bool)
    values = np.array([1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1], dtype=float)
    strata = np.array([0] * 6 + [1] * 5 + [2] * 3)
    one, other = matched(values, split, strata)(np.ones(14))
    weights = np.array([4 * 2 / 6, 1 * 4 / 5])
    assert one == pytest.approx(weights @ [3 / 4, 0] / weights.sum())
    assert other == pytest.approx(weights @ [1 / 2, 1 / 2] / weights.sum())
    twice = matched(np.repeat(values, 2), np.repeat(split, 2), np.repeat(strata, 2))(np.ones(28))
    assert matched(values, split, strata)(np.full(14, 2.0)) == pytest.approx(twice)
    assert np.isnan(matched(values, split, strata)(split.astype(float))).all()


def test_levels_with_both_kinds_are_compared_and_no_others() -> None:
    levels, courses = tables(
        run(100, 0, [J, J, S, S], [True, False, False]),
        run(100, 1, [J, J, J, S], [True, True, True]),
        run(101, 0, [J, J, J, "degraded"], [False, True, True]),
        run(101, 1, [J, J, S, S], [True, True, True]),
    )
    found = winning(levels, courses)
    row = found.table.set_index("measure").loc["wins_99"].to_dict()
    # Level 2 alone has both: 1 of 2 that are separated against 2 of 2.
    assert (row["separated"], row["interconnected"], row["strata"]) == (0.5, 1, 1)
    assert (row["n_separated"], row["n_interconnected"]) == (2, 2)
    assert found.difference("wins_99").value == -0.5
    # Since level 1: −1 and 0 where it separates, 0 and +1 where not; at levels 3 there is no joined one.
    assert (row["step_separated"], row["step_interconnected"]) == (-0.5, 0.5)
    assert found.step("wins_99").value == -1
    assert found.density("wins_99").value == 0.5
    assert found.density("wins_99").n == 2
    # A win is one doubling less of the epochs.
    assert found.difference("epochs_best").value == 0.5
    assert found.step("epochs_dense").value == 1


def test_only_first_separations_are_steps() -> None:
    """A change from separated to separated, and one over a missing level, is none."""
    levels, courses = tables(
        run(100, 0, [J, J, S, S, S], [True, True, True, False]), run(101, 0, [J, J, J, J, J], [True, True, True, True])
    )
    row = winning(levels, courses).table.set_index("measure").loc["winning"].to_dict()
    assert row["steps_separated"] == 1
    assert (row["step_separated"], row["prunings"]) == (0, 3)
    assert row["difference"] == pytest.approx(-1 / 3)


def test_who_never_gets_there_counts_with_all_its_epochs() -> None:
    levels, courses = tables(run(100, 0, [J, J, S], [True, False]), run(101, 0, [J, J, J], [True, True]))
    courses.loc[(courses["dataset.seed"] == 100) & (courses["level"] == 2), "epochs_99"] = None
    found = winning(levels, courses)
    assert found.difference("epochs_99").value == 2  # 40 epochs against the 10 of the dense level
    assert found.difference("epochs_best").value == 1


def test_what_splitting_does_is_told_from_what_sparsity_does() -> None:
    """Of runs that win less with every level, whatever their status, splitting takes nothing away."""
    random, runs = np.random.default_rng(1), []
    for data in range(100, 116):
        for seed in range(4):
            first = int(random.integers(2, 9))
            statuses = [J if level < first else S for level in range(7)]
            runs.append(run(data, seed, statuses, [bool(random.random() < 1 - level / 7) for level in range(1, 7)]))
    levels, courses = tables(*runs)
    found = winning(levels, courses)
    assert holds(found.difference("wins_best"), 0)
    assert holds(found.step("wins_best"), 0)
    assert found.density("wins_best").high < 0
    assert found.density("epochs_best").low > 0
    # Where splitting is what loses, it is seen.
    split = levels["status"] == S
    courses.loc[split, list(WINS[1:])] = False
    harmed = winning(levels, courses)
    assert harmed.difference("wins_best").high < 0
    assert harmed.step("wins_best").high < 0


def test_what_cannot_be_compared_says_so() -> None:
    levels, courses = tables(run(100, 0, [J, J, S], [True, False]))
    with pytest.raises(Missing, match="no size has a separated and a joined"):
        winning(levels, courses)
    with pytest.raises(KeyError, match="wins_best"):
        winning(levels, courses.drop(columns="wins_best"))
    both = tables(run(100, 0, [J, S], [True]), run(101, 0, [J, J], [True]))
    with pytest.raises(Missing, match="wins_dense"):
        winning(*both).step("wins_dense")
