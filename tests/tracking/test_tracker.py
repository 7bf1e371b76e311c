"""lth.tracking.tracker: the offline file says what the tables say, and a bad W&B harms nothing."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import wandb

import lth.tracking.tracker
from lth.record.recorder import Recorder
from lth.ticket.file import path_of
from lth.tracking.service import given_up
from lth.tracking.tracker import Tracking, drain
from lth.training.messages import SeedFailed, Warned
from tests.faults.program import slowness
from tests.offline_wandb import HUNG, exit_code, history, of_kind, records, run_file, run_record
from tests.synthetic_run import finish_level, header, record_run


@pytest.fixture(autouse=True)
def nothing_failed_yet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And nothing fails because the machine is busy."""
    monkeypatch.setattr(lth.tracking.tracker, "OFFLINE_WAIT", HUNG)
    yield
    lth.tracking.tracker._said.clear()
    given_up.clear()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    record_run(folder, header(seeds=(0, 3), mode="offline"))
    return folder


def test_the_offline_file_equals_the_table(recorded: Path) -> None:
    rows = pq.read_table(recorded / "levels.parquet").to_pylist()
    for seed in (0, 3):
        mine = [row for row in rows if row["seed"] == seed]
        mine = [{name: value for name, value in row.items() if value is not None} for row in mine]
        assert len(mine) == 4
        assert history(run_file(recorded, seed)) == mine


def test_a_file_that_is_being_written_reads_as_the_records_that_are_whole(recorded: Path, tmp_path: Path) -> None:
    data, every = run_file(recorded, 0).read_bytes(), [str(one) for one in records(run_file(recorded, 0))]
    half = tmp_path / "half.wandb"
    counts = []
    for length in [*range(0, len(data), 97), len(data)]:
        half.write_bytes(data[:length])
        found = [str(one) for one in records(half)]
        assert found == every[: len(found)]
        counts.append(len(found))
    assert counts == sorted(counts)
    assert counts[-1] == len(every) > 5


def test_level_is_the_step_metric_of_every_column(recorded: Path) -> None:
    metrics = [record.metric for record in of_kind(run_file(recorded, 0), "metric")]
    steps = {metric.name: metric.step_metric for metric in metrics if metric.name}
    columns = set(pq.read_table(recorded / "levels.parquet").column_names)
    assert {name for name, step in steps.items() if step == "level"} == columns - {"level"}


def test_the_run_says_what_it_belongs_to(tmp_path: Path) -> None:
    tracking = Tracking(group="sizes", job_type="stack", tags=("a", "b"), notes="why", project="mine")
    record_run(tmp_path, header(seeds=(5,), tracking=tracking))
    run = run_record(run_file(tmp_path, 5))
    assert (run.run_group, run.job_type, run.notes, run.project) == ("sizes", "stack", "why", "mine")
    assert list(run.tags) == ["a", "b"]
    config = {item.key: item.value_json for item in run.config.update}
    assert config["seed"] == "5"
    assert json.loads(config["model"]) == {"hidden": 5, "depth": 2}


def test_without_a_group_the_configuration_groups_its_seeds(recorded: Path) -> None:
    assert {run_record(run_file(recorded, seed)).run_group for seed in (0, 3)} == {"hash"}


def test_every_run_is_finished_also_that_of_a_seed_without_levels(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header(mode="offline"))
    for level in range(4):
        recorder.level(finish_level(tmp_path, 0, level))
    recorder.failed(SeedFailed(1, 0, 3, "nan"))
    recorder.close("failed")
    drain()
    assert exit_code(run_file(tmp_path, 0)) == 0
    assert exit_code(run_file(tmp_path, 1)) == 1


def test_curves_picture_and_ticket_only_on_request(recorded: Path, tmp_path: Path) -> None:
    assert of_kind(run_file(recorded, 0), "artifact") == []
    assert not any(key.startswith(("epoch/", "ticket")) for row in history(run_file(recorded, 0)) for key in row)
    asked = Tracking(epochs=True, picture=True, ticket=True)
    record_run(tmp_path, header(seeds=(0,), tracking=asked))
    rows = history(run_file(tmp_path, 0))
    curves = pd.DataFrame([row for row in rows if "epoch/total" in row])
    table = pd.read_parquet(tmp_path / "epochs.parquet")
    for name in ("train_loss", "val_loss", "val_accuracy", "level", "epoch"):
        assert curves[f"epoch/{name}"].tolist() == table[name].tolist()
    assert curves["epoch/total"].tolist() == list(range(1, len(table) + 1))
    assert [row["ticket.caption"] for row in rows if "ticket.path" in row] == ["level 2"]
    (record,) = of_kind(run_file(tmp_path, 0), "artifact")
    assert [file.local_path for file in record.artifact.manifest.contents] == [str(path_of(tmp_path, 0, 2))]


def test_a_resumed_stack_has_one_whole_file_per_seed(tmp_path: Path) -> None:
    first = Recorder(tmp_path, header(seeds=(0,), mode="offline"))
    done = [finish_level(tmp_path, 0, level) for level in (0, 1)]
    for level in done:
        first.level(level)
    first.close("stopped")
    drain()
    before = run_file(tmp_path, 0)
    while time.strftime("%Y%m%d_%H%M%S") in before.parent.name:  # W&B names its folders by the second
        time.sleep(0.01)
    again = Recorder(tmp_path, header(seeds=(0,), mode="offline"), finished=done)
    for level in (2, 3):
        again.level(finish_level(tmp_path, 0, level))
    again.close("finished")
    drain()
    after = run_file(tmp_path, 0)
    assert before.name == after.name
    assert before != after
    assert [row["level"] for row in history(after)] == [0, 1, 2, 3]


def test_off_writes_nothing_and_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "init", lambda **_: pytest.fail("W&B was started"))
    record_run(tmp_path, header(mode="off"))
    assert not (tmp_path / "wandb").exists()


def test_nothing_is_printed_and_no_library_waits_unasked(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from synthetic_run import *\n"
        "assert 'wandb' not in sys.modules\n"
        "record_run(Path(sys.argv[1]), header(mode='off'))\n"
        "assert 'wandb' not in sys.modules and 'torch' not in sys.modules and 'lightning' not in sys.modules\n"
        "record_run(Path(sys.argv[1]) / 'on', header(mode='offline'))\n"
    )
    tests = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((tests, str(Path(tests).parent)))}
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert history(run_file(tmp_path / "on", 0))


class Broken:
    """Stands in for a W&B run whose every call fails."""

    dir = "/nowhere/files"
    finished = 0

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise ConnectionError("no W&B today\nsecond line")

        return fail

    def finish(self, exit_code: int = 0) -> None:
        Broken.finished += 1


@pytest.mark.parametrize("stage", ["init", "log"])
@pytest.mark.parametrize("mode", ["offline", "wandb_online"])
def test_a_failing_wandb_is_said_once_and_stops_nothing(
    stage: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def init(**_: Any) -> Broken:
        if stage == "init":
            raise SystemExit("no key")
        return Broken()

    Broken.finished = 0
    monkeypatch.setattr(wandb, "init", init)
    heard: list[Warned] = []
    record_run(tmp_path, header(mode=mode), warn=heard.append)
    (warned,) = heard
    assert "\n" not in warned.text
    expected = "run folder is not affected" if mode == "offline" else "recorded offline from here on, `make wandb-sync`"
    assert expected in warned.text
    assert pq.read_table(tmp_path / "levels.parquet").num_rows == 8
    assert Broken.finished == (stage == "log")


@pytest.mark.parametrize("mode", ["offline", "wandb_online"])
def test_a_slow_wandb_is_said_once_and_slows_nothing(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers when everything else is over: who waits for it waits in vain."""
    over = threading.Event()
    monkeypatch.setattr(wandb, "init", lambda **_: over.wait(HUNG))
    monkeypatch.setattr(lth.tracking.tracker, "OFFLINE_WAIT", 0.2)
    began = time.monotonic()
    recorder = Recorder(tmp_path, header(mode=mode))
    for level in range(4):
        for seed in (0, 1):
            recorder.level(finish_level(tmp_path, seed, level, ticket=False))
    recorder.close("finished")
    assert time.monotonic() - began < 2 * slowness()
    (text,) = drain(0.2)
    assert text.endswith("nothing went on for 0.2 s" if mode == "offline" else "not done when training was over")
    assert drain(0.2) == []
    assert not over.is_set()
    over.set()


def test_a_stack_that_an_error_ended_leaves_no_run_open(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header(seeds=(0,), mode="offline"))
    recorder.level(finish_level(tmp_path, 0, 0))
    assert drain() == []
    assert exit_code(run_file(tmp_path, 0)) == 1


def test_no_key_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "k" * 40
    monkeypatch.setenv("WANDB_API_KEY", key)
    record_run(tmp_path, header(seeds=(0,), mode="offline"))
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path
