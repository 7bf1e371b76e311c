"""lth.tracking.runs: what reaches a W&B server, as it happens or later by `wandb sync`; and what a bad server does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import lth.tracking.tracker
from lth.record.recorder import Recorder
from lth.ticket.file import path_of
from lth.tracking import service
from lth.tracking.tracker import Tracking, drain
from lth.training.messages import Warned
from tests.offline_wandb import HUNG, history, run_file
from tests.synthetic_run import PIXEL, finish_level, header, record_run
from tests.wandb_backend import ENTITY
from tests.wandb_server import Server, serving

EVERYTHING: dict[str, Any] = {"group": "sizes", "job_type": "stack", "tags": ("a", "b"), "notes": "why"}
EVERYTHING |= {"project": "mine", "epochs": True, "picture": True, "ticket": True}
SEEDS = (0, 3)


@pytest.fixture(autouse=True)
def clean_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A W&B client that has not failed yet and knows the environment of this test."""
    monkeypatch.setattr(lth.tracking.tracker, "OFFLINE_WAIT", HUNG)  # a busy machine is no fault
    for name in ("init_timeout", "finish_timeout"):
        monkeypatch.setitem(service.QUIET, name, HUNG)
    service.end_service()
    yield
    service.end_service()
    lth.tracking.tracker._said.clear()
    service.given_up.clear()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as one:
        for name, value in one.environment().items():
            monkeypatch.setenv(name, value)
        yield one
    assert one.unknown == []


def sync(folder: Path) -> str:
    """`make wandb-sync` as it says, without setting anything up."""
    binaries = str(Path(sys.executable).parent)
    command = ["make", "-s", "wandb-sync", "STAMP=", f"BIN={binaries}", f"FOLDERS={folder}"]
    environment = os.environ | {"WANDB_ERROR_REPORTING": "false", "WANDB_DIR": str(folder)}
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HUNG, cwd=root, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def table(folder: Path, seed: int) -> list[dict[str, Any]]:
    """The seed's rows of levels.parquet, without what is null."""
    rows = pq.read_table(folder / "levels.parquet").to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows if row["seed"] == seed]


def arrived(server: Server, recorder: Recorder, seed: int) -> None:
    """Assert that the server has all of this seed, once."""
    ident = recorder.summary()["id"]
    assert set(server.runs) == {f"{ident}-{one}" for one in recorder.header.seeds}
    run = server.runs[f"{ident}-{seed}"]
    assert [row for row in run.history if "level" in row] == table(recorder.folder, seed)
    assert run.exit_code == 0
    last = table(recorder.folder, seed)[-1]
    expected = last | {
        name: value for name, value in recorder.summary()["seeds"][str(seed)].items() if value is not None
    }
    assert {name: run.summary.get(name) for name in expected} == expected
    outcomes = {name: value for name, value in run.summary.items() if name.startswith("outcome/")}
    assert outcomes.pop("outcome/separated-degraded") == 1
    assert set(outcomes.values()) == {0}
    assert len(outcomes) == 4


def test_what_was_recorded_offline_arrives_whole_and_once(tmp_path: Path, server: Server) -> None:
    recorder = record_run(tmp_path, header(seeds=SEEDS, tracking=Tracking(**EVERYTHING)))
    assert server.asked == []
    sync(tmp_path)
    for seed in SEEDS:
        arrived(server, recorder, seed)
    once = {name: (run.rows, run.summary, run.config) for name, run in server.runs.items()}
    assert "No runs to sync" in sync(tmp_path)
    for marker in tmp_path.glob("wandb/*/*.synced"):
        marker.unlink()
    assert "Syncing 2 run(s)" in sync(tmp_path)
    assert {name: (run.rows, run.summary, run.config) for name, run in server.runs.items()} == once
    run = server.runs[f"{recorder.summary()['id']}-3"]
    said = {name: run.said[name] for name in ("groupName", "jobType", "tags", "notes", "project", "entity")}
    asked = {"groupName": "sizes", "jobType": "stack", "tags": ["a", "b"], "notes": "why", "project": "mine"}
    assert said == asked | {"entity": ENTITY}
    assert run.config == {**recorder.header.config, "seed": 3, "config_hash": "hash"}
    columns = set(pq.read_table(tmp_path / "levels.parquet").column_names)
    assert {name for name, axis in run.step_metrics.items() if axis == "level"} == columns - {"level"}
    assert run.step_metrics["epoch/*"] == "epoch/total"


def test_nothing_to_send_is_one_line(tmp_path: Path) -> None:
    assert sync(tmp_path / "outputs") == f"nothing was recorded offline in: {tmp_path / 'outputs'}\n"


def test_what_was_asked_for_arrives_too(tmp_path: Path, server: Server) -> None:
    recorder = record_run(tmp_path, header(seeds=(3,), tracking=Tracking(**EVERYTHING)))
    sync(tmp_path)
    ident = f"{recorder.summary()['id']}-3"
    run = server.runs[ident]
    curves = pd.DataFrame([row for row in run.history if "epoch/total" in row])
    epochs = pd.read_parquet(tmp_path / "epochs.parquet")
    for name in ("train_loss", "val_loss", "val_accuracy", "level", "epoch"):
        assert curves[f"epoch/{name}"].tolist() == epochs[name].tolist()
    assert PIXEL in run.files.values()
    artifact = server.artifacts[f"ticket-{ident}"]
    assert (artifact["type"], artifact["run"], artifact["state"]) == ("ticket", ident, "COMMITTED")
    assert artifact["metadata"] == {"seed": 3, "level": 2}
    ticket = path_of(tmp_path, 3, 2)
    assert artifact["files"][ticket.name] == ticket.read_bytes()


def test_a_resumed_stack_that_is_sent_again_doubles_nothing(tmp_path: Path, server: Server) -> None:
    head = header(seeds=(0,), tracking=Tracking(project="mine"))
    first = Recorder(tmp_path, head)
    done = [finish_level(tmp_path, 0, level) for level in (0, 1)]
    for level in done:
        first.level(level)
    first.close("stopped")
    drain()
    sync(tmp_path)
    (run,) = server.runs.values()
    assert [row["level"] for row in run.history] == [0, 1]
    assert run.exit_code == 1
    again = Recorder(tmp_path, head, finished=done)
    for level in (2, 3):
        again.level(finish_level(tmp_path, 0, level))
    again.close("finished")
    drain()
    sync(tmp_path)
    arrived(server, again, 0)


def test_online_runs_arrive_as_they_happen(tmp_path: Path, server: Server) -> None:
    recorder = record_run(tmp_path, header(seeds=SEEDS, tracking=Tracking(mode="wandb_online", **EVERYTHING)))
    for seed in SEEDS:
        arrived(server, recorder, seed)
    assert len(server.artifacts) == 2
    assert list(tmp_path.glob("wandb/offline-run-*")) == []


@pytest.mark.parametrize(("fault", "since"), [(403, 0), (500, 2), (0, 0)])
def test_what_a_bad_server_does_not_take_is_recorded_offline(
    fault: int, since: int, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    if since == 0:
        monkeypatch.setitem(service.QUIET, "init_timeout", 1.5)
    heard: list[Warned] = []
    recorder = Recorder(tmp_path, header(seeds=SEEDS, mode="wandb_online"), warn=heard.append)
    for level in range(4):
        if level == since:
            server.wait(lambda: len(server.runs) == len(SEEDS) or since == 0)
            server.fault = fault
        for seed in SEEDS:
            recorder.level(finish_level(tmp_path, seed, level))
    recorder.close("finished")
    (text,) = [*(warned.text for warned in heard), *drain(1)]
    assert "recorded offline from here on" in text
    for seed in SEEDS:
        assert history(run_file(tmp_path, seed)) == table(tmp_path, seed)
    assert list(tmp_path.glob("wandb/run-*")) == []
    server.fault = None
    sync(tmp_path)
    for seed in SEEDS:
        arrived(server, recorder, seed)


def test_once_it_failed_later_stacks_do_not_try_again(tmp_path: Path, server: Server) -> None:
    server.fault = 403
    record_run(tmp_path / "first", header(seeds=(0,), mode="wandb_online"))
    asked = len(server.asked)
    assert asked > 0
    record_run(tmp_path / "second", header(seeds=(0,), mode="wandb_online"))
    assert len(server.asked) == asked
    assert history(run_file(tmp_path / "second", 0)) == table(tmp_path / "second", 0)


def test_without_a_key_it_is_recorded_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    heard: list[Warned] = []
    record_run(tmp_path / "stack", header(seeds=(0,), mode="wandb_online"), warn=heard.append)
    (warned,) = heard
    assert "recorded offline from here on" in warned.text
    assert "No API key" in warned.text
    assert history(run_file(tmp_path / "stack", 0)) == table(tmp_path / "stack", 0)
