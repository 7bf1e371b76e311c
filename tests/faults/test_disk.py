"""A disk that is full, and one that cannot be written."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lth.results import table as results
from tests.disks import forbid_writing, small_disk
from tests.faults.program import REDUCED, Starter, command, results_of, slowness, tickets_of

RUN = (*REDUCED, "model.hidden=13", "seed=0..1", "trainer.max_epochs=60", "hydra.run.dir=disk/run")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk, on which a run has room."""
    with small_disk(tmp_path / "disk", "400k") as folder:
        yield folder


@pytest.fixture(scope="module")
def whole(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the run leaves where there is room."""
    place = tmp_path_factory.mktemp("whole")
    assert starter.run(place, *RUN).ended() == 0
    return results_of(place / "disk" / "run")


def fill(disk: Path, pages: int) -> Path:
    """Leave so many pages on the disk."""
    free, size = os.statvfs(disk).f_bavail, os.statvfs(disk).f_frsize
    (disk / "filler").write_bytes(bytes((free - pages) * size))
    return disk / "filler"


@pytest.mark.parametrize("pages", [0, 1, 4, 8, 12])
def test_a_full_disk_is_one_error_and_the_run_goes_on_when_there_is_room(
    pages: int, disk: Path, whole: dict[str, bytes], starter: Starter, tmp_path: Path
) -> None:
    filler = fill(disk, pages)
    program = starter.run(tmp_path, *RUN)
    assert program.ended() == 1, program.out
    assert "No space left on device" in program.err
    assert program.err.startswith("cannot write")
    assert program.err.count("\n") == 1
    assert "failed at level" not in program.out
    finished = tickets_of(disk / "run")
    assert {name: whole[name] for name in finished} == finished
    if (disk / "run" / "summary.json").exists():
        assert json.loads((disk / "run" / "summary.json").read_text())["status"] in ("running", "stopped")
        results.load(disk / "run")
    filler.unlink()
    program = starter.run(tmp_path, *RUN)
    assert program.ended() == 0, program.err
    assert results_of(disk / "run") == whole


def test_a_sweep_on_a_full_disk(disk: Path, starter: Starter, tmp_path: Path) -> None:
    filler = fill(disk, 20)
    program = starter.run(tmp_path, *command(sweep="disk/sweep"))
    assert program.ended() == 1
    assert program.err.startswith("cannot write")
    assert program.err.count("\n") == 1
    filler.unlink()
    program = starter.run(tmp_path, *command(sweep="disk/sweep"))
    assert program.ended() == 0, program.err
    assert set(results.runs(disk / "sweep")["state"]) == {"finished"}


@pytest.mark.parametrize("arguments", [RUN, command(sweep="disk/sweep"), ("--resume", "disk/run")])
def test_a_disk_that_cannot_be_written(
    arguments: tuple[str, ...], disk: Path, starter: Starter, tmp_path: Path
) -> None:
    if arguments[0] == "--resume":
        assert starter.run(tmp_path, *REDUCED, "trainer.max_epochs=9", "model.hidden=8", RUN[-1]).ended() == 0
    forbid_writing(disk)
    program = starter.run(tmp_path, *arguments)
    assert program.ended() == 2
    assert "must be a folder that can be written (read-only file system)" in program.err
    assert program.err.count("\n") == 1


def test_offline_tracking_on_a_full_disk(disk: Path, starter: Starter, tmp_path: Path) -> None:
    fill(disk, 16)
    began = time.monotonic()
    program = starter.run(tmp_path, *RUN, "tracking=offline")
    assert program.ended() == 1
    assert program.err.startswith("cannot write")
    assert program.err.count("\n") == 1
    assert time.monotonic() - began < 60 * slowness()
