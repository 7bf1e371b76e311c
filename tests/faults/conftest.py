"""A process to fork programs from, and the reduced sweep that nothing disturbed."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.foreign import RUN, sent
from tests.faults.program import Starter, command


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    made = Starter(tmp_path_factory.mktemp("said"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def undisturbed(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("undisturbed")
    program = starter.run(place, *command())
    assert program.wait() == 0, program.err
    return place / "sweep"


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a kill leaves to the system what was written, synced or not."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def trained(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with a run and a sweep, both small."""
    place = tmp_path_factory.mktemp("trained")
    assert starter.run(place, *RUN, "seed=0", "hydra.run.dir=run").ended() == 0
    assert starter.run(place, "-m", *RUN, "seed=0", "hydra.sweep.dir=sweep").ended() == 0
    return place


@pytest.fixture
def place(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, in whose sent/ somebody sent a run and a sweep; nothing is trained."""
    sent(trained, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("lth.command.run.train", lambda plans: pytest.fail("something was trained"))
    monkeypatch.setattr("lth.jobs.execute.execute", lambda plans, names=None: pytest.fail("something was trained"))
    monkeypatch.setattr("lth.command.run.warm_up", lambda: None)
    return tmp_path
