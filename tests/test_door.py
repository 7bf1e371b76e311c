"""`lth`: the one door to all commands, and what it lists."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lth.__main__ import COMMANDS
from lth.list import main as listed
from lth.settings.conf import CONF, about, groups, presets
from tests.synthetic_run import header, record_run

SCRIPT = Path(sys.executable).with_name("lth")
MODULE = (sys.executable, "-m", "lth")
DATASET = """from lth.data.dataset import Dataset
from lth.data.moons_circles import build as known
def build(**keys) -> Dataset: return known(**keys)
"""


def called(*command: str | Path, folder: Path, **environment: str) -> tuple[int, str, str]:
    """Exit code and output of a command in this folder."""
    own = {**os.environ, **environment}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", [("results", "runs"), ("results", "nowhere"), ("list", "pruning"), ("collect",),
                                       ("ticket", "show", "nothing"), ("run", "model.hidden=60")])  # fmt: skip
def test_every_door_says_the_same(arguments: tuple[str, ...], tmp_path: Path) -> None:
    record_run(tmp_path / "runs" / "0", header())
    name, *rest = arguments
    code, out, err = called(sys.executable, "-m", f"lth.{name}", *rest, folder=tmp_path)
    for door in (MODULE, (SCRIPT,)):
        found = called(*door, name, *rest, folder=tmp_path)
        assert found == (
            code,
            out,
            err.replace(f"python -m lth.{name}", f"lth {name}").replace(" " * 22, " " * 12),
        ) or (
            name == "collect" and found[:2] == (code, out)  # its usage is wrapped elsewhere
        )


def test_the_door_lists_its_commands_and_refuses_others(tmp_path: Path) -> None:
    code, out, _ = called(*MODULE, folder=tmp_path)
    assert code == 0
    assert called(*MODULE, "--help", folder=tmp_path)[1] == out
    for name in COMMANDS:
        there = (Path(__file__).parents[1] / "lth" / name).is_dir() or (CONF.parent / "lth" / f"{name}.py").exists()
        assert (f"  {name} " in out) == there
    code, out, err = called(*MODULE, "resluts", folder=tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("resluts: no command; results? there are run, ")
    assert called(*MODULE, "seed=3", folder=tmp_path)[2] == "seed=3: a command comes first: lth run seed=3 …\n"


def test_versions(tmp_path: Path) -> None:
    said = called(*MODULE, "--version", folder=tmp_path)
    assert said == called(sys.executable, "-m", "lth.run", "--version", folder=tmp_path)
    assert said[1].startswith("lth ")
    assert "torch" in said[1]
    assert "kernel" in said[1]


def test_the_script_finds_modules_of_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(DATASET)
    given = ("run", "--dry-run", "dataset._target_=mine.build")
    for door in ((SCRIPT,), MODULE):
        code, out, err = called(*door, *given, folder=tmp_path)
        assert (code, err) == (0, ""), err
        assert out.startswith("folder")
    code, _, err = called(SCRIPT, *given, folder=tmp_path, PYTHONSAFEPATH="1")
    assert code == 2
    assert "No module named 'mine'" in err


def test_conf_inside_of_the_package_comes_first(tmp_path: Path) -> None:
    """As a wheel has it; a folder of that name beside the package is then anybody's."""
    for name in ("settings/conf.py", "settings/__init__.py"):
        (tmp_path / "pkg" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pkg" / name).write_text("")
    shutil.copy(CONF.parent / "lth" / "settings" / "conf.py", tmp_path / "pkg" / "settings" / "conf.py")
    (tmp_path / "conf").mkdir()
    code = "import pkg.settings.conf as c; print(c.CONF)"
    assert called(sys.executable, "-c", code, folder=tmp_path)[1].strip() == str(tmp_path / "conf")
    (tmp_path / "pkg" / "conf").mkdir()
    assert called(sys.executable, "-c", code, folder=tmp_path)[1].strip() == str(tmp_path / "pkg" / "conf")


@pytest.mark.parametrize("group", groups())
def test_every_preset_has_a_line(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed([group]) == 0
    said = capsys.readouterr().out
    assert presets(group)
    for name in presets(group):
        assert len(about(group, name)) > 3, name
        assert any(line.startswith(f"{group}={name} ") and about(group, name) in line for line in said.splitlines())


def test_a_preset_is_printed_and_what_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(["dataset", "n_moons"]) == 0
    assert capsys.readouterr().out == (CONF / "dataset" / "n_moons.yaml").read_text()
    assert listed([]) == 0
    said = capsys.readouterr().out
    assert all(f"{group}=" in said for group in groups())
    for given in (["nothing"], ["dataset", "nothing"]):
        assert listed(given) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
        assert "must be one of" in said.err


def test_the_shell_completes_commands_and_keys(tmp_path: Path) -> None:
    def completed(line: str) -> list[str]:
        return called(SCRIPT, "-sc", "query=bash", folder=tmp_path, COMP_LINE=line)[1].split()

    assert completed("lth re")[:2] == ["results", "report"]
    assert completed("lth run dataset=n_") == ["dataset=n_moons"]
    assert completed("lth run -m model.hid") == ["model.hidden="]
    assert completed("lth results x") == []
    installed = called(SCRIPT, "-sc", "install=bash", folder=tmp_path)[1]
    assert installed.rstrip().endswith("hydra_bash_completion lth")
