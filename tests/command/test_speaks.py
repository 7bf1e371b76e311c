"""A start speaks at once: what it says of a run, a sweep and an experiment, and that a dry run only says it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from lth.command.run import start
from lth.jobs.plan import Plan
from tests.offline_wandb import HUNG

SOON = 2.0  # seconds of processor time
LITERAL = ["-m", "model.hidden=8,..,1310", "seed=0..9"]


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that would train."""
    plans: list[Plan] = []

    def execute(given: Sequence[Plan], names: Sequence[str] = ()) -> list[int]:
        plans.extend(given)
        return [0] * len(given)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.jobs.execute.execute", execute)
    monkeypatch.setattr("lth.results.command.main", lambda _: 0)
    return plans


def facts(said: str) -> dict[str, str]:
    """The lines of an announcement by their first words."""
    found: dict[str, str] = {}
    name = ""
    for line in said.partition("\n\n")[0].splitlines():
        name = line[:9].strip() or name
        found[name] = f"{found.get(name, '')} {line[10:]}".strip()
    return found


@pytest.mark.parametrize("given", [LITERAL, ["seed=0..9"]])
def test_it_speaks_within_two_seconds_of_processor_time(given: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lth.run", *given]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("takes"):
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    os.killpg(process.pid, 9)
    process.communicate(timeout=HUNG)
    assert (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") < SOON
    assert lines[0].startswith("folder")


def test_a_sweep_says_what_will_run(handed: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["-m", "model.hidden=8,..,57", "seed=0..9", "trainer.workers=2", "tracking=off"]) == 0
    said = facts(capsys.readouterr().out)
    assert said["folder"] == str(handed[0].folder.parent.relative_to(Path.cwd()))
    assert said["stacks"] == "10, from model.hidden=8,..,57 trainer.workers=2"
    assert said["seeds"] == "0..9 in each, 100 runs"
    assert said["levels"] == "0 to 9 prunings: from 112..3591 weights to 112"
    assert said["trained"].endswith("2 workers")
    assert said["tracked"] == "nowhere (tracking=off)"
    assert said["takes"].startswith("about ")


def test_a_dry_run_prints_the_grid_and_nothing_else_happens(
    handed: list[Plan], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(["-m", "--dry-run", "model.hidden=8,..,13", "optimizer=adam,sgd", "seed=0..1"]) == 0
    said = capsys.readouterr().out
    assert facts(said)["stacks"].startswith("6, ")
    grid = [line.split("  ") for line in said.split("\n\n")[1].splitlines()]
    assert len(grid) == 7
    assert grid[-1][0] == "model.hidden=13 optimizer=sgd"
    assert "247, 160, 112" in said
    assert "4-13-13-2" in said
    assert start(["--dry-run", "seed=0..9", "hydra.run.dir=F"]) == 0
    assert "3591, 2491, 1672, …, 160, 112" in capsys.readouterr().out
    assert handed == []
    assert not list(tmp_path.iterdir())


def test_a_dry_run_refuses_what_a_run_would(handed: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    for mode in ([], ["-m"]):
        assert start([*mode, "--dry-run", "optimizer._target_=torch.optim.LBFGS", "~optimizer.fused"]) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("given", "sizes", "folder"),
    [
        ("experiment=lottery", [57, 154], "multirun/lottery"),
        ("experiment=lottery model.hidden=8,..,13", [8, 10, 13], "multirun/lottery"),
        ("experiment=null-models model.hidden=8", [8, 8], "multirun/null-models"),
        ("experiment=lottery model.hidden=8", [8], "outputs"),
        ("experiment=lottery hydra.run.dir=F", [57], "F"),
        ("experiment=lottery --run", [57], "outputs"),
        ("experiment=lottery hydra.mode=RUN", [57], "outputs"),
    ],
)
def test_an_experiment_sweeps_as_it_says_unless_one_stack_is_meant(
    given: str, sizes: list[int], folder: str, handed: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    assert start([*given.split(), "seed=0"]) == 0
    assert [plan.settings.model.hidden for plan in handed] == sizes
    assert str(handed[0].folder.relative_to(Path.cwd())).startswith(folder)
    said = facts(capsys.readouterr().out)
    assert ("left out" in said) == ("model.hidden" not in given and len(sizes) == 1)
    assert said.get("left out", "model.hidden=57,154").startswith("model.hidden=57,154")


def test_a_folder_that_is_there_is_said_to_go_on(handed: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    given = ["-m", "model.hidden=8,10", "hydra.sweep.dir=S"]
    for ending in ("S", "S, which goes on"):
        assert start(given) == 0
        assert facts(capsys.readouterr().out)["folder"] == ending


def test_help_has_every_key_with_its_value_and_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    from lth.settings.keys import keys

    assert start(["--help", "dataset=n_moons", "optimizer=sgd", "pruning/schedule=geometric"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= 80
    shown = {line.partition("=")[0] for line in lines}
    assert {key.name for key in keys()} <= shown
    assert all(key.means and key.allowed for key in keys()), "a key without a meaning, or without what it allows"
    assert {"dataset.n=2", "optimizer.momentum=0.9", "pruning.schedule.levels=null", "trainer.patience=30"} <= {*lines}
    assert len([key for key in keys() if not key.schedule]) >= 40
