"""lth.record.recorder: the run folder, whatever happens to it."""

import errno
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import lth.record.recorder
from lth.record.complete import recorded
from lth.record.parquet import unpack
from lth.record.picture import Picture, draw
from lth.record.recorder import Recorder, RecordError
from lth.ticket.file import path_of
from lth.training.messages import SeedFailed, Warned
from tests.synthetic_run import KEEPS, PIXEL, STATUSES, finish_level, header, record_run, row

NAMES = ("summary.json", "levels.parquet", "epochs.parquet")


def summary(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text(), parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_a_whole_stack_leaves_the_files_of_the_contract(tmp_path: Path) -> None:
    record_run(tmp_path, header(seeds=(0, 7)))
    levels = pd.read_parquet(tmp_path / "levels.parquet")
    places = list(zip(levels["seed"], levels["level"], strict=True))
    assert places == [(seed, level) for seed in (0, 7) for level in range(4)]
    for seed, level in places:
        assert path_of(tmp_path, seed, level).exists()
    epochs = pd.read_parquet(tmp_path / "epochs.parquet")
    assert len(epochs) == levels["epochs"].sum()
    expected = np.random.default_rng((7, 2, 1)).random((5, 3))
    found = epochs[(epochs.seed == 7) & (epochs.level == 2)]
    for number, name in enumerate(("train_loss", "val_loss", "val_accuracy")):
        np.testing.assert_array_equal(found[name], expected[:, number])
    assert (tmp_path / "tickets/seed=7/ticket.png").read_bytes() == PIXEL


def test_the_tables_hold_the_rows_exactly(tmp_path: Path) -> None:
    record_run(tmp_path, header())
    for line in pq.read_table(tmp_path / "levels.parquet").to_pylist():
        expected = row(line["seed"], line["level"])
        assert {name: value for name, value in expected.items() if value == value} == {
            name: line[name] for name, value in expected.items() if value == value
        }
        assert line["zombie_bias_mean"] is None


def test_summary_names_outcomes_and_what_ran(tmp_path: Path) -> None:
    record_run(tmp_path, header())
    found = summary(tmp_path)
    assert found["status"] == "finished"
    assert found["seeds"]["0"]["outcome"] == "separated-degraded"
    assert (found["seeds"]["1"]["first_separation"], found["seeds"]["1"]["first_degradation"]) == (2, 3)
    assert set(found["versions"]) == {"python", "torch", "lightning", "numpy", "lth"}
    assert found["device"] == "cpu"
    assert found["keeps"] == list(KEEPS)


def test_a_failed_seed_is_in_the_summary_at_once_and_the_others_go_on(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header())
    recorder.level(finish_level(tmp_path, 0, 0))
    recorder.failed(SeedFailed(1, 0, 5, "validation loss is nan"))
    now = summary(tmp_path)
    assert now["failed"] == [1] or now["seeds"]["1"]["state"] == "failed"
    assert now["seeds"]["1"]["failure"] == {"level": 0, "epoch": 5, "reason": "validation loss is nan"}
    assert now["status"] == "running"
    recorder.close("failed")
    assert summary(tmp_path)["status"] == "failed"
    assert pd.read_parquet(tmp_path / "levels.parquet")["seed"].tolist() == [0]


def test_summary_numbers_are_finite_or_null(tmp_path: Path) -> None:
    config = {"loss_cutoff": float("inf"), "deep": [float("nan"), np.float32(0.5)]}
    Recorder(tmp_path, header(config=config)).close("finished")
    assert summary(tmp_path)["config"] == {"loss_cutoff": None, "deep": [None, 0.5]}


def test_a_fresh_folder_has_every_table_before_anything_trained(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "new", header())
    assert [pq.read_table(tmp_path / "new" / name).num_rows for name in NAMES[1:]] == [0, 0]
    assert summary(tmp_path / "new")["status"] == "running"
    recorder.close("stopped")
    assert summary(tmp_path / "new")["seeds"]["0"]["state"] == "stopped"


def test_a_resumed_stack_doubles_no_row_and_keeps_its_id(tmp_path: Path) -> None:
    first = Recorder(tmp_path, header())
    done = [finish_level(tmp_path, seed, level) for seed in (0, 1) for level in (0, 1)]
    for level in done:
        first.level(level)
    first.close("stopped")
    before = summary(tmp_path)
    again = Recorder(tmp_path, header(), finished=done)
    assert pq.read_table(tmp_path / "levels.parquet").num_rows == 4  # never thinner than before
    again.level(done[-1])
    for seed, level in ((0, 2), (0, 3), (1, 2), (1, 3)):
        again.level(finish_level(tmp_path, seed, level))
    again.close("finished")
    straight = tmp_path / "straight"
    record_run(straight, header())
    for name in NAMES[1:]:
        assert (tmp_path / name).read_bytes() == (straight / name).read_bytes()
    after = summary(tmp_path)
    assert (after["id"], after["started"]) == (before["id"], before["started"])
    assert after["wall_seconds"] >= before["wall_seconds"]


def test_a_broken_summary_of_an_earlier_process_is_not_trusted(tmp_path: Path) -> None:
    for content in ("", '{"id": 3, "wall_seconds": "x"}', "[1]", '{"id"'):
        (tmp_path / "summary.json").write_text(content)
        Recorder(tmp_path, header()).close("finished")
        assert isinstance(summary(tmp_path)["id"], str)


def test_writing_waits_two_seconds_but_close_and_tick_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, written = [100.0], []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    write = lth.record.recorder.write_atomic
    monkeypatch.setattr(
        lth.record.recorder, "write_atomic", lambda path, *rest: (written.append(path.name), write(path, *rest))
    )
    recorder = Recorder(tmp_path, header())
    written.clear()
    for level in (0, 1):
        recorder.level(finish_level(tmp_path, 0, level))
        clock[0] += 0.9
    assert written == []
    clock[0] += 0.3
    recorder.tick()
    assert sorted(written) == sorted(NAMES)
    recorder.tick()
    assert len(written) == 3
    recorder.level(finish_level(tmp_path, 0, 2))
    assert len(written) == 3
    recorder.close("stopped")
    assert pq.read_table(tmp_path / "levels.parquet").num_rows == 3


def test_long_tables_are_written_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(lth.record.recorder, "write_atomic", lambda path, *rest: clock.__setitem__(0, clock[0] + 1.0))
    recorder = Recorder(tmp_path, header())
    recorder.level(finish_level(tmp_path, 0, 0, ticket=False))
    before = clock[0]
    clock[0] += 15.0
    recorder.tick()
    assert clock[0] == before + 15.0  # a writing of 1 s waits 20 s
    clock[0] += 10.0
    recorder.tick()
    assert clock[0] > before + 25.0


def test_a_jumping_clock_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(tmp_path, header(seeds=(0,)))
    monkeypatch.setattr(time, "time", lambda: -1e9)
    for level in range(4):
        recorder.level(finish_level(tmp_path, 0, level))
    recorder.close("finished")
    assert 0 <= summary(tmp_path)["wall_seconds"] < 60


def test_a_reader_never_sees_a_broken_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lth.record.recorder, "PAUSE", 0.0)
    monkeypatch.setattr(lth.record.recorder, "SHARE", 1e9)
    over, counts, faults = threading.Event(), [], []

    def read() -> None:
        while not over.is_set():
            try:
                counts.append(unpack((tmp_path / "levels.parquet").read_bytes()).num_rows)
                summary(tmp_path)
            except Exception as fault:  # noqa: BLE001 - any fault at all fails the test below
                faults.append(fault)

    recorder = Recorder(tmp_path, header(seeds=tuple(range(10))))
    reader = threading.Thread(target=read)
    reader.start()
    for level in range(4):
        for seed in range(10):
            recorder.level(finish_level(tmp_path, seed, level, ticket=False))
        while not faults and (not counts or counts[-1] < 10 * (level + 1)):
            time.sleep(0.001)  # until the reader has come by
    over.set()
    reader.join()
    assert faults == []
    assert counts == sorted(counts)
    assert len(set(counts)) > 3


def test_a_full_disk_is_one_error_with_the_path_and_leaves_the_folder_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path, header())
    recorder.level(finish_level(tmp_path, 0, 0))
    monkeypatch.setattr(lth.record.recorder, "PAUSE", 0.0)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(RecordError, match=re.escape(str(tmp_path)) + ".*No space left on device"):
            recorder.close("finished")
    assert summary(tmp_path)["status"] == "running"
    assert pq.read_table(tmp_path / "levels.parquet").num_rows == 0
    recorder.close("failed")
    assert pq.read_table(tmp_path / "levels.parquet").num_rows == 1


def test_a_killed_recorder_leaves_whole_files(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; import lth.record.recorder as room; room.PAUSE, room.SHARE = 0, 1e9\n"
        "from synthetic_run import *\n"
        "folder = Path(sys.argv[1]); recorder = Recorder(folder, header(range(500)))\n"
        "print('begun', flush=True)\n"
        "for seed in range(500): recorder.level(finish_level(folder, seed, 0, ticket=False))\n"
    )
    tests = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((tests, str(Path(tests).parent)))}
    command = [sys.executable, "-c", script, str(tmp_path)]
    for pause in (0.0, 0.13, 0.31):
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(pause)
            process.kill()
        assert summary(tmp_path)["status"] == "running"
        for name in NAMES[1:]:
            unpack((tmp_path / name).read_bytes())


def test_a_ticket_that_cannot_be_drawn_is_only_a_warning(tmp_path: Path) -> None:
    heard: list[Warned] = []
    recorder = Recorder(tmp_path, header(seeds=(3,)), warn=heard.append)
    recorder.level(finish_level(tmp_path, 3, 0))
    (picture,) = recorder.over("finished")
    picture.ticket.write_bytes(picture.ticket.read_bytes()[:-3])
    draw(picture, recorder.drawn)
    recorder.close("finished")
    (warning,) = heard
    assert warning.text.startswith("no picture of seed 3, level 0: ")
    assert summary(tmp_path)["status"] == "finished"


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header(seeds=(0,)))
    recorder.level(finish_level(tmp_path, 0, 0))
    for picture in recorder.over("finished"):
        draw(picture, recorder.drawn)
    assert (tmp_path / "tickets/seed=0/ticket.png").read_bytes().startswith(b"\x89PNG")


def drawn_levels(folder: Path, statuses: Sequence[str], **changes: Any) -> list[Picture]:
    """What is to be drawn of a seed whose levels have these states."""
    recorder = Recorder(folder, header(seeds=(0,), **changes))
    for level, status in enumerate(statuses):
        recorder.level(finish_level(folder, 0, level, status))
    return recorder.over("finished")


def test_drawn_is_the_first_separation_or_else_the_last_level_that_is_not_degraded(tmp_path: Path) -> None:
    for number, (statuses, level) in enumerate(
        [
            (("interconnected", "separated", "separated"), 1),
            (("interconnected", "interconnected"), 1),
            (("separated", "degraded"), 0),
            (("interconnected", "fragmented", "degraded", "degraded"), 1),
            (("degraded", "degraded"), 1),
        ]
    ):
        folder = tmp_path / str(number)
        assert drawn_levels(folder, statuses) == [Picture(path_of(folder, 0, level), 0, level, "hidden 5, 5")]
    assert drawn_levels(tmp_path / "none", ()) == []


def test_what_is_drawn_already_or_not_wanted_is_not_drawn(tmp_path: Path) -> None:
    record_run(tmp_path, header())
    again = Recorder(tmp_path, header(), finished=[finish_level(tmp_path, 0, level, ticket=False) for level in (0, 1)])
    assert again.over("finished") == []
    finish_level(tmp_path, 0, 3)  # its ticket is younger than its picture
    (picture,) = again.over("finished")
    assert picture.seed == 0
    assert drawn_levels(tmp_path / "off", ("separated",), pictures=False) == []


def test_who_is_stopped_while_it_is_drawn_stays_finished(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header(seeds=(0,)))
    done = [finish_level(tmp_path, 0, level) for level in range(len(KEEPS))]
    for level in done:
        recorder.level(level)
    assert recorder.over("finished")
    recorder.close("stopped")
    assert summary(tmp_path)["status"] == "finished"
    assert not recorded(tmp_path, header(seeds=(0,)), done)  # the picture is still to come
    assert recorded(tmp_path, header(seeds=(0,), pictures=False), done)


def test_a_row_for_each_status_is_what_the_fixture_says(tmp_path: Path) -> None:
    record_run(tmp_path, header(seeds=(4,)))
    assert pd.read_parquet(tmp_path / "levels.parquet")["status"].tolist() == list(STATUSES)
