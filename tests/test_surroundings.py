"""Every command in every surroundings: any encoding, width and folder, no terminal, no reader, no home."""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest

from lth.ticket import path_of

NAME = "é 名"  # neither ASCII nor, in part, latin-1
SMALL = ["dataset.n_train=100", "dataset.n_val=100", "dataset.n_test=50", "trainer.max_epochs=2", "trainer.workers=1",
         "model.hidden=10", "seed=0"]  # fmt: skip

# What they are called → environment (None: not set), and what the shell does with the streams.
SURROUNDINGS: dict[str, tuple[Mapping[str, str | None], str]] = {
    "ascii, one column, no home known": (
        {"PYTHONIOENCODING": "ascii", "COLUMNS": "1", "NO_COLOR": "1", "TERM": "dumb", "HOME": None}, "",
    ),
    "latin-1, closed streams, a home that cannot be written": (
        {"PYTHONIOENCODING": "latin-1", "HOME": "/proc/nobody"}, "<&- >&-",
    ),
    "no locale, a reader that is gone": (
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TERM": None, "LINES": "0", "COLUMNS": "0"},
        "| true",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder and the tables that are made of it, in a folder that few encodings can name."""
    place = tmp_path_factory.mktemp("place") / NAME
    place.mkdir()
    for command in (
        ["lth.command.run", *SMALL, "tracking=off", "hydra.run.dir=extension/run"],
        ["lth.collect", "extension", "extension", "--to", "tables", "--tables", "levels", "--workers", "1"],
    ):
        subprocess.run([sys.executable, "-m", *command], cwd=place, check=True, stdout=subprocess.DEVNULL)
    return place


def commands(place: Path) -> dict[str, list[str]]:
    """Each command's line, with absolute paths; what it writes is in the folder `made`."""
    run, made = place / "extension" / "run", place / "made"
    folder = str(made / "run")
    return {
        "run": [*SMALL, f"hydra.run.dir='{folder}'"],
        "results": [str(place), "--csv", str(made / "results.csv")],
        "ticket": ["show", str(path_of(run, 0, 1)), "--png", str(made / "ticket.png")],
        "collect": ["extension", str(place / "extension"), "--to", str(made), "--tables", "levels"],
        "figures": ["accuracy", str(run), "--to", str(made), "--formats", "png"],
        "controls": [str(run), "--workers", "1"],
        "ledger": [str(place / "tables"), "--to", str(made)],
        "dashboard": ["--json"],
    }


FIRST, *OTHERS = SURROUNDINGS


@pytest.mark.parametrize("named", [FIRST, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
@pytest.mark.parametrize("command", commands(Path()))
def test_every_command_in_every_surroundings(command: str, named: str, place: Path) -> None:
    changes, redirected = SURROUNDINGS[named]
    made = place / "made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    (place / "extension" / "run" / "controls.parquet").unlink(missing_ok=True)
    environment = {name: value for name, value in {**os.environ, **changes}.items() if value is not None}
    script = f'set -o pipefail; "$@" {redirected}'
    words = [sys.executable, "-m", f"lth.{command}", *commands(place)[command]]
    done = subprocess.run(["bash", "-c", script, "-", *words], cwd="/", env=environment, capture_output=True)
    errors = done.stderr.decode(errors="replace")
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert (done.returncode, errors) == (0, "")
    assert bool(done.stdout) == (not redirected)
    assert list(made.rglob("*.*")) or command in ("controls", "dashboard")


@pytest.mark.parametrize("command", ["results", "run"])
def test_a_current_folder_that_is_gone_is_one_line(command: str, place: Path, tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && "$@"'
    words = [sys.executable, "-m", f"lth.{command}", *commands(place)[command]]
    done = subprocess.run(["bash", "-c", script, "-", *words], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "the current folder cannot be used: No such file or directory\n"


def test_a_disk_that_is_full_is_told(place: Path) -> None:
    words = [sys.executable, "-m", "lth.results", str(place)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "cannot write standard output: No space left on device\n"


@pytest.mark.slow
def test_a_terminal_of_one_letter(place: Path) -> None:
    """The live display has no room, and the terminal is closed in the middle of it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 1, 1, 0, 0))
    folder = place / "terminal"
    words = [sys.executable, "-m", "lth.run", *SMALL, "trainer.max_epochs=200", f"hydra.run.dir='{folder}'"]
    process = subprocess.Popen(
        words, stdin=slave, stdout=slave, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    os.close(slave)
    os.read(master, 1)
    os.close(master)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert (folder / "tickets" / "seed=0" / "ticket.png").exists()


@pytest.mark.slow
def test_a_long_folder_for_temporary_files(place: Path, tmp_path: Path) -> None:
    long = tmp_path / ("x" * 104)
    long.mkdir()
    words = [sys.executable, "-m", "lth.run", *SMALL, "hydra.run.dir=run"]  # W&B included
    environment = os.environ | {"TMPDIR": str(long)}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "warning" not in done.stdout
