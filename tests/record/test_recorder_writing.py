"""When a recorder writes, and what a reader finds meanwhile: whole files, always."""

import errno
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import lth.record.recorder
from lth.record.parquet import unpack
from lth.record.recorder import Recorder, RecordError
from tests.record.read_back import NAMES, summary
from tests.synthetic_run import finish_level, header


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
