"""The ladder of sizes: what max_rung leaves of a sweep, where trajectories end, and what no ladder has."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lth.command.run import start
from lth.jobs.plan import Plan


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def grid(*overrides: str) -> list[Plan]:
    """The stacks that `python -m lth.run -m …` would train."""
    plans: list[Plan] = []

    def execute(given: Sequence[Plan], names: Sequence[str]) -> list[int]:
        plans.extend(given)
        return [0] * len(given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lth.jobs.execute.execute", execute)
        assert start(["-m", "tracking=off", *overrides]) == 0
    return plans


@pytest.mark.parametrize(
    ("name", "rung", "keeps"),
    [
        ("extension", 1, {(112,), (160, 112)}),
        ("extension-1", 1, {(120,), (174, 120)}),
        ("extension-3", 4, {(108,), (176, 108), (260, 176, 108)}),
    ],
)
def test_the_ladder_ends_at_max_rung_and_its_trajectories_at_the_target(
    name: str, rung: int, keeps: set[tuple[int, ...]]
) -> None:
    assert {plan.keeps for plan in grid(f"experiment={name}", f"hydra.sweeper.max_rung={rung}")} == keeps


def test_max_rung_leaves_out_single_sizes_too_but_no_lists() -> None:
    def sizes(*overrides: str) -> list[object]:
        return [plan.settings.model.hidden for plan in grid(*overrides)]

    assert sizes("model.hidden=8,10,13", "hydra.sweeper.max_rung=1") == [8, 10]
    assert sizes("model.hidden=8,..,13,16", "hydra.sweeper.max_rung=1") == [8, 10]
    fixed = ["pruning/schedule=geometric", "pruning.schedule.levels=2", "pruning.schedule.rate=.1"]
    assert sizes(*fixed, "model.hidden=80,[80,90]", "hydra.sweeper.max_rung=0") == [80, (80, 90)]


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ("hydra.sweeper.max_rung=-1", "hydra.sweeper.max_rung=-1: must be an integer of 0 or more"),
        ("hydra.sweeper.max_rung=nine", "hydra.sweeper.max_rung"),
        ("model.hidden=57,154 hydra.sweeper.max_rung=8", "no size is as small as max_rung"),
        ("model.hidden=13 pruning.schedule.target=111", "pruning.schedule.target=111: must be one of 247, 160, 112"),
        ("model.hidden=13 pruning.schedule.target=0", "pruning.schedule.target=0: must be the weights of a rung"),
    ],
)
def test_what_no_ladder_has_is_refused_in_a_line(
    overrides: str, told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert start(["-m", "tracking=off", *overrides.split()]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert told in line
    assert not list(tmp_path.rglob("summary.json"))
