"""lth.wandb_runs: what reaches a W&B server, sent as it happens or later by `wandb sync`."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import lth.record
import lth.tracking
from lth.record import Recorder
from lth.tracking import Tracking, drain
from lth.wandb_service import given_up
from tests.synthetic_run import finish_level, header, record_run
from tests.test_tracking import PIXEL
from tests.wandb_server import Received, Server, serving

ALL = Tracking(
    group="sizes", job_type="stack", tags=("a", "b"), notes="why", project="mine", epochs=True, picture=True, ticket=True
)


@pytest.fixture(autouse=True)
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lth.record, "_picture", lambda path: PIXEL)
    yield
    lth.tracking._said.clear()
    given_up.clear()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        yield one


def sync(folder: Path, server: Server) -> None:
    """What `make wandb-sync` runs."""
    runs = sorted(map(str, folder.glob("wandb/offline-run-*")))
    command = [sys.executable, "-m", "wandb", "sync", *runs]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=20, cwd=folder.parent, env=os.environ | server.environment()
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_recorded_offline_arrives_whole_and_once(tmp_path: Path, server: Server) -> None:
    folder = tmp_path / "stack"
    recorder = record_run(folder, header(seeds=(0, 3), tracking=ALL))
    sync(folder, server)
    check(folder, recorder, server)
