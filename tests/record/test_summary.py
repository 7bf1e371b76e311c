"""lth.record.summary: how a seed ended."""

import pytest

from lth.record.summary import git_commit, seed_summary, versions
from lth.training.messages import SeedFailed

WHOLE, SPLIT, LOST = "interconnected", "separated", "degraded"


def rows(*statuses: str) -> list[dict[str, object]]:
    return [{"status": status, "active_weights": 10 - level} for level, status in enumerate(statuses)]


def test_a_seed_under_way_has_first_levels_but_no_outcome() -> None:
    entry = seed_summary(rows(WHOLE, SPLIT), None, levels=3, status="running")
    assert (entry["state"], entry["outcome"], entry["first_separation"]) == ("running", None, 1)
    assert entry["active_weights_at_separation"] == 9


def test_a_failed_seed_keeps_level_epoch_and_reason() -> None:
    entry = seed_summary(rows(WHOLE), SeedFailed(0, 1, 7, "loss is nan"), levels=3, status="finished")
    assert entry["state"] == "failed"
    assert entry["failure"] == {"level": 1, "epoch": 7, "reason": "loss is nan"}


@pytest.mark.parametrize(("status", "state"), [("stopped", "stopped"), ("failed", "failed"), ("finished", "stopped")])
def test_a_seed_that_never_ended_is_not_finished(status: str, state: str) -> None:
    assert seed_summary(rows(WHOLE), None, levels=3, status=status)["state"] == state


def test_a_finished_seed_stays_finished_when_the_stack_fails() -> None:
    entry = seed_summary(rows(WHOLE, SPLIT, SPLIT, LOST), None, levels=3, status="failed")
    assert (entry["state"], entry["outcome"], entry["first_degradation"]) == ("finished", "separated-degraded", 3)


def test_statuses_that_were_not_computed_make_no_outcome() -> None:
    assert seed_summary([{"status": None}], None, levels=0, status="finished")["outcome"] is None


def test_versions_are_all_known_here() -> None:
    assert all(versions().values())
    assert git_commit() is None or len(git_commit() or "") in (40, 41)
