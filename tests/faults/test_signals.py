"""Asked to stop: within seconds, at a safe point, everything readable, and the same command goes on from there."""

import json
import signal
import time
from pathlib import Path

import pytest

from lth import results
from lth.record.parquet import unpack
from tests.faults.program import REDUCED, TABLES, Program, Starter, slowness, tickets_of

LONG = (*REDUCED, "model.hidden=10", "seed=0..1", "trainer.max_epochs=300", "trainer.patience=300", "hydra.run.dir=run")
SOON = 10.0  # seconds on a machine of its own, where it takes one or two


def under_way(starter: Starter, place: Path, *own: str) -> Program:
    """The program in the middle of its second level."""
    program = starter.start(place, *LONG, *own)
    program.wait_for(place / "run" / "tickets" / "seed=0" / "level=00.safetensors")
    return program


def readable(folder: Path) -> dict[str, bytes]:
    """The tickets of a run folder, all of whose files can be read."""
    for name in TABLES:
        unpack((folder / name).read_bytes())
    assert results.runs(folder).attrs["faults"] == []
    return tickets_of(folder)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_one_signal_to_the_whole_group(number: int, code: int, starter: Starter, tmp_path: Path) -> None:
    program = under_way(starter, tmp_path)
    began = time.monotonic()
    program.signal_group(number)
    assert program.wait() == code
    assert time.monotonic() - began < SOON * slowness()
    assert program.err == ""
    assert "a worker was lost" not in program.out
    finished = readable(tmp_path / "run")
    assert len(results.load(tmp_path / "run")) == len(finished) >= 1
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["status"] == "stopped"
    if number != signal.SIGINT:
        return
    again = starter.run(tmp_path, *LONG)
    assert again.ended() == 0, again.err
    after = readable(tmp_path / "run")
    assert {name: after[name] for name in finished} == finished


def test_a_second_ctrl_c_ends_at_once(starter: Starter, tmp_path: Path) -> None:
    program = under_way(starter, tmp_path, "trainer.batch_size=1")
    before = readable(tmp_path / "run")
    began = time.monotonic()
    for _ in range(2):
        program.signal_group(signal.SIGINT)
        time.sleep(0.05)
    assert program.wait() == 130
    assert time.monotonic() - began < SOON * slowness()
    assert program.err == ""
    finished = readable(tmp_path / "run")
    assert {name: finished[name] for name in before} == before


def test_two_at_the_same_moment(starter: Starter, tmp_path: Path) -> None:
    program = under_way(starter, tmp_path)
    program.signal(signal.SIGTERM)
    program.signal(signal.SIGINT)
    assert program.wait() in (130, 143)
    assert program.err == ""
    readable(tmp_path / "run")


def test_at_any_moment_of_the_start(starter: Starter, tmp_path: Path) -> None:
    for number, pause in enumerate((0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6)):
        program = starter.start(tmp_path, *LONG[:-1], f"hydra.run.dir=run{number}")
        program.wait_for_words()
        time.sleep(pause)
        program.signal(signal.SIGINT)
        assert program.wait() == 130
        assert "Traceback" not in program.err


def test_nohup_is_respected(starter: Starter, tmp_path: Path) -> None:
    ignore = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    program = starter.start(tmp_path, *REDUCED, "model.hidden=8", "trainer.max_epochs=60", "hydra.run.dir=run",
                            before=ignore)  # fmt: skip
    program.wait_for(tmp_path / "run" / "summary.json")
    program.signal(signal.SIGHUP)
    assert program.wait() == 0


@pytest.mark.parametrize("arguments", [("model.hidden=8", "hydra.run.dir=run"), ("-m", "model.hidden=8,10")])
def test_nobody_listens_any_more(arguments: tuple[str, ...], starter: Starter, tmp_path: Path) -> None:
    gone = "import os; ours, theirs = os.pipe(); os.close(ours); os.dup2(theirs, 1)"
    program = starter.run(tmp_path, *REDUCED, *arguments, "trainer.max_epochs=9", before=gone)
    assert program.ended() == 0
    assert program.err == ""
