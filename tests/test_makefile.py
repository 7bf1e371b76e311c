"""The Makefile's experiments: which commands they run with which arguments, and how they end when one fails."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from lth.controls.known import KNOWN

ROOT = Path(__file__).parents[1]
PYTHON = """#!/bin/sh
echo "$2 $*" | sed 's/ -m [a-z.]* / /' >> calls
test "$2" != "$FAILING" || exit $CODE
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project whose python only writes down what it is called with, and fails as its environment says."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "conf" / "experiment", tmp_path / "conf" / "experiment")
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON)
    python.chmod(0o755)
    (tmp_path / ".venv" / ".lth-installed").touch()
    return tmp_path


def make(place: Path, *arguments: str, failing: str = "", code: int = 0) -> tuple[int, list[str]]:
    """The exit code of make, and the modules that were run with their arguments."""
    environment = {**os.environ, "FAILING": failing, "CODE": str(code)}
    environment = {name: value for name, value in environment.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False)
    calls = place / "calls"
    return done.returncode, calls.read_text().splitlines() if calls.exists() else []


def test_an_experiment_is_trained_tabulated_and_drawn(place: Path) -> None:
    code, calls = make(place, "extension", "SEEDS=0..1", "MAX_RUNG=9")
    assert code == 0
    assert calls == [
        "lth.run -m experiment=extension seed=0..1 hydra.sweeper.max_rung=9",
        "lth.collect extension multirun/extension --to multirun/extension/tables",
        "lth.figures extension multirun/extension/tables --to multirun/extension/figures",
    ]


def test_the_lottery_has_controls_and_null_is_null_models(place: Path) -> None:
    _, calls = make(place, "lottery", "null")
    assert [call.split()[0] for call in calls] == [
        "lth.run", "lth.controls", "lth.collect", "lth.figures", "lth.run", "lth.collect", "lth.figures",
    ]  # fmt: skip
    assert calls[0] == "lth.run -m experiment=lottery"
    assert calls[1] == "lth.controls multirun/lottery"
    assert calls[4] == "lth.run -m experiment=null-models"


def test_the_bridge_has_its_interventions(place: Path) -> None:
    _, calls = make(place, "bridge")
    assert [call.split()[0] for call in calls] == ["lth.run", "lth.controls", "lth.collect", "lth.figures"]
    asked = "ticket,reinit,before,bridge,within,cut,random_cut,swapped"
    assert calls[1] == f"lth.controls multirun/bridge --controls {asked}"
    assert set(asked.split(",")) <= set(KNOWN)


@pytest.mark.parametrize(("failing", "steps"), [("lth.run", 4), ("lth.controls", 4)])
def test_what_failed_in_part_is_still_drawn_and_ends_with_an_error(place: Path, failing: str, steps: int) -> None:
    code, calls = make(place, "lottery", failing=failing, code=1)
    assert code != 0
    assert len(calls) == steps


@pytest.mark.parametrize(("failing", "code", "steps"), [("lth.run", 2, 1), ("lth.run", 130, 1), ("lth.collect", 2, 3)])
def test_what_could_not_start_or_was_stopped_ends_there(place: Path, failing: str, code: int, steps: int) -> None:
    ended, calls = make(place, "lottery", failing=failing, code=code)
    assert ended != 0
    assert len(calls) == steps


def test_the_demo_ends_with_the_page_of_its_own_folder(place: Path) -> None:
    code, calls = make(place, "demo")
    folder = calls[0].rpartition("hydra.run.dir=")[2]
    assert code == 0
    assert folder.startswith("outputs/demo-")
    assert calls == [f"lth.run seed=0..9 hydra.run.dir={folder}", f"lth.report {folder}"]


def test_the_help_lists_targets_and_experiments_with_their_questions(place: Path) -> None:
    done = subprocess.run(["make"], cwd=place, capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines() if line.startswith("  make ")]
    listed = {line[1]: line[2] for line in lines}
    names = {path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml")}
    assert set(listed) > {"setup", "test", *names}
    assert listed["how"].startswith("How do networks separate")
    assert all(listed[name].endswith("?") for name in names), "what a source claims is no fact"


def test_nothing_is_sent_without_a_login(place: Path) -> None:
    (place / "outputs" / "wandb" / "offline-run-1").mkdir(parents=True)
    (place / ".venv" / "bin" / "wandb").write_text("#!/bin/sh\necho sent >> calls\n")
    (place / ".venv" / "bin" / "wandb").chmod(0o755)
    code, calls = make(place, "wandb-sync", failing="lth.tracking.login", code=2)
    assert (code, [call.split()[0] for call in calls]) == (2, ["lth.tracking.login"])
    code, calls = make(place, "wandb-sync")
    assert (code, calls[-1]) == (0, "sent")


def test_what_mutants_are_made_of_is_there() -> None:
    """A path that leads nowhere is skipped without a word."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
    for pattern in (*asked["only_mutate"], *asked["pytest_add_cli_args_test_selection"], *asked["also_copy"]):
        assert list(ROOT.glob(pattern)), pattern
