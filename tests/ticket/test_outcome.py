"""Outcomes of runs from the statuses of their levels."""

import pytest

from lth.ticket.outcome import Outcome, outcome

J, S, F, D = "interconnected", "separated", "fragmented", "degraded"


@pytest.mark.parametrize(
    ("statuses", "word", "separation", "degradation"),
    [
        ([J, J, J], "interconnected", None, None),
        ([S], "separated", 0, None),
        ([J, J, S, S], "separated", 2, None),
        ([J, S, D, D], "separated-degraded", 1, 2),
        ([J, S, F, D], "separated-degraded", 1, 3),
        ([J, D, D], "degraded", None, 1),
        ([J, F, D], "degraded", None, 2),
        ([J, F, F], "fragmented", None, None),
        ([J, F, J], "interconnected", None, None),  # a lost pixel can heal this with degrade_on=outputs
        ([J, S, F], "separated", 1, None),
        ([J, D, S], "degraded", 2, 1),
    ],
)
def test_outcomes(statuses: list, word: str, separation: int | None, degradation: int | None) -> None:
    found = outcome(statuses)
    assert (found.word, found.first_separation, found.first_degradation) == (word, separation, degradation)
    assert isinstance(found, Outcome)


@pytest.mark.parametrize("statuses", [[], [J, "split"]])
def test_what_is_no_run_is_refused(statuses: list) -> None:
    with pytest.raises(ValueError, match="status"):
        outcome(statuses)
