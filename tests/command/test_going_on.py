"""lth.command.going_on: the command that the program ends with when it was interrupted, and what it does."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lth import terminal
from lth.command import going_on
from lth.command.replay import resumed


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """In a folder of its own, with the `python` that runs in front of all others."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(terminal, "door", "")
    going_on.forget()  # what another test left under way
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    yield
    going_on.forget()


def record(folder: Path, *overrides: str, sweep: bool = False) -> None:
    """What a start leaves in its folder of how it was composed."""
    path = folder / ("multirun.yaml" if sweep else ".hydra/hydra.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"hydra": {"overrides": {"hydra": [], "task": list(overrides)}}}))


def test_before_there_is_a_folder_it_is_what_was_typed() -> None:
    typed = ["-m", "model.hidden=8,..,57", "seed=0..3", "tracking.notes='two words'"]
    said = going_on.command(typed)
    assert shlex.split(said) == ["python", "-m", "lth.run", *typed]
    assert going_on.command([]) == "python -m lth.run"


@pytest.mark.parametrize("sweep", [False, True])
def test_a_folder_that_says_how_it_was_started_is_resumed(sweep: bool, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    going_on.begin("hydra.sweep.dir" if sweep else "hydra.run.dir", folder)
    record(folder, "model.hidden=8", sweep=sweep)
    said = shlex.split(going_on.command(["-m", "model.hidden=8"] if sweep else ["model.hidden=8"]))
    assert said == ["python", "-m", "lth.run", "--resume", "a folder"]
    assert "model.hidden=8" in resumed(said[3:])


def test_a_folder_without_a_record_is_named(tmp_path: Path) -> None:
    going_on.begin("hydra.run.dir", tmp_path / "a=b")
    assert going_on.command(["seed=3"]) == """python -m lth.run seed=3 'hydra.run.dir='"'"'a=b'"'"''"""
    assert going_on.command(["seed=3", "hydra.run.dir='a=b'"]).count("hydra.run.dir") == 1
    assert going_on.command(["--resume", "a=b", "seed=3"]).endswith("--resume a=b seed=3")


def test_a_record_of_an_earlier_start_does_not_say_what_this_one_adds(tmp_path: Path) -> None:
    record(tmp_path / "run", "seed=0..3")
    os.utime(tmp_path / "run" / ".hydra" / "hydra.yaml", (1e9, 1e9))
    going_on.begin("hydra.run.dir", tmp_path / "run")
    assert going_on.command(["--resume", "run", "seed=0..9"]) == "python -m lth.run --resume run seed=0..9"


@pytest.mark.parametrize("typed", [["--config-dir=mine", "seed=3"], ["--config-name", "mine"]])
def test_flags_that_no_record_holds_are_typed_again(typed: list[str], tmp_path: Path) -> None:
    going_on.begin("hydra.run.dir", tmp_path / "run")
    record(tmp_path / "run", "seed=3")
    assert shlex.split(going_on.command(typed))[3:] == [*typed, "hydra.run.dir='run'"]


def test_what_a_folder_may_not_say_is_typed_again(tmp_path: Path) -> None:
    going_on.begin("hydra.sweep.dir", tmp_path / "sweep")
    record(tmp_path / "sweep", "dataset._target_=mine.build", sweep=True)
    typed = ["-m", "dataset._target_=mine.build"]
    assert shlex.split(going_on.command(typed))[3:] == [*typed, "hydra.sweep.dir='sweep'"]


def test_another_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert shlex.split(going_on.command([]))[0] == sys.executable


def test_a_ctrl_c_while_it_imports_leaves_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "hydra.py").write_text("raise KeyboardInterrupt\n")  # what is imported first, where it comes
    paths = os.pathsep.join([str(tmp_path), str(Path(going_on.__file__).parents[2])])
    environment = os.environ | {"PYTHONPATH": paths}
    command = [sys.executable, "-m", "lth.run", "seed=0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_who_called_lth_is_told_to_call_lth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "door", "lth")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert going_on.command(["seed=3"]) == "lth run seed=3"
    monkeypatch.setenv("PATH", "/nowhere")
    assert shlex.split(going_on.command(["seed=3"]))[1:] == ["-m", "lth.run", "seed=3"]
