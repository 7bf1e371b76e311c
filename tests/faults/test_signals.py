"""Asked to stop: within seconds, at a safe point, everything readable, and the same command goes on from there."""

import json
import shlex
import signal
import time
from pathlib import Path

import pytest

from lth.record.parquet import unpack
from lth.results import table as results
from tests.faults.program import REDUCED, TABLES, Program, Starter, slowness, tickets_of

LONG = (*REDUCED, "model.hidden=10", "seed=0..1", "trainer.max_epochs=150000", "trainer.patience=150000",
        "hydra.run.dir=run")  # fmt: skip
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


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in ((signal.SIGTERM, 143), (signal.SIGHUP, 129))),
    ],
)
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


# Instead of training it says where it would.
TOLD = """
import os, lth.jobs.execute as e
def told(plans, *_):
    for plan in plans: print("goes on in", os.path.relpath(plan.folder), "with seeds", plan.seeds)
    return [0] * len(plans)
e.execute = told
"""


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(LONG[:-1], marks=pytest.mark.slow),
        pytest.param(LONG, marks=pytest.mark.slow),
        ("-m", *LONG[:-1], "model.hidden=8,10"),
    ],
)
def test_the_last_line_goes_on(arguments: tuple[str, ...], starter: Starter, tmp_path: Path) -> None:
    """Acknowledged first; also where nobody named a folder, and of a sweep."""
    program = starter.start(tmp_path, *arguments)
    while not (found := list(tmp_path.rglob("level=00.safetensors"))):
        assert program.ended() is None
        time.sleep(0.01)
    program.signal_group(signal.SIGINT)
    assert program.wait() == 130
    *_, last = lines = program.out.splitlines()
    assert lines.count("stopping after this epoch; again to end now") == 1
    python, *command = shlex.split(last)
    assert Path(python).name.startswith("python")
    assert command[:3] == ["-m", "lth.run", "--resume"]
    again = starter.run(tmp_path, *command[2:], before=TOLD)
    assert again.ended() == 0, again.err
    assert f"goes on in {found[0].parents[2].relative_to(tmp_path)} with seeds (0, 1)" in again.out


def test_a_second_ctrl_c_ends_at_once(starter: Starter, tmp_path: Path) -> None:
    program = under_way(starter, tmp_path)
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
        program.signal_group(signal.SIGINT)  # as a terminal does: what workers are forked from imports then
        assert program.wait() == 130
        assert "Traceback" not in program.err


# Foreign code that was interrupted and says something else, or nothing: both were seen of imports and of OmegaConf.
SWALLOWING = """
import os, signal, lth.command.run as r
accept = r.accept
def interrupted(*a, **k):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        {then}
    return accept(*a, **k)
r.accept = interrupted
"""


@pytest.mark.parametrize("then", ["raise ImportError('cannot import name io')", "pass"])
def test_interrupted_code_that_swallows_it(then: str, starter: Starter, tmp_path: Path) -> None:
    program = starter.run(tmp_path, *LONG, before=SWALLOWING.format(then=then))
    assert (program.ended(), program.err) == (130, "")
    assert not (tmp_path / "run" / "summary.json").exists()


# What a signal finds under way, each for minutes, and whether all of the run was finished before.
BUSY = """
import time
def busy(*_, **__):
    open("busy", "a").close()
    end = time.process_time() + 300
    while time.process_time() < end: sum(range(1000))
"""
STAGES = {
    "tickets are read": ("import lth.jobs.resume; lth.jobs.resume.chain = busy", False),
    "an epoch is trained": ("import lth.training.module; lth.training.module.StackModule.training_step = busy", False),
    "a level is measured": ("import lth.training.imp; lth.training.imp.level_row = busy", False),
    "pictures are drawn": ("import lth.record.picture; lth.record.picture.png_of = busy", True),
    "W&B takes them": (
        "import lth.tracking.wandb_run; lth.tracking.wandb_run.open_run = lambda **_: time.sleep(1) or busy()",
        True,
    ),
}


@pytest.mark.parametrize(
    ("stage", "number"),
    [
        *((stage, signal.SIGTERM) for stage in STAGES),
        ("pictures are drawn", signal.SIGINT),
        ("a level is measured", signal.SIGHUP),
    ],
)
def test_every_stage_ends_within_two_seconds_of_work(stage: str, number: int, starter: Starter, tmp_path: Path) -> None:
    patch, finished = STAGES[stage]
    small = (*REDUCED, "model.hidden=8", "seed=0..1", "trainer.max_epochs=9", "hydra.run.dir=run")
    mirrored = ("tracking=offline",) if stage.startswith("W&B") else ()
    program = starter.start(tmp_path, *small, *mirrored, before=BUSY + patch)
    program.wait_for(tmp_path / "busy")
    program.signal(number)
    spent = program.seconds_to_end()
    assert program.ended() == 128 + number, program.err
    assert spent < 2
    assert "Traceback" not in program.err
    assert len(tickets_of(tmp_path / "run")) == 2 * finished
    if finished:
        readable(tmp_path / "run")
        assert json.loads((tmp_path / "run" / "summary.json").read_text())["status"] == "finished"
    again = starter.run(tmp_path, *small)
    assert again.ended() == 0, again.err
    assert len(readable(tmp_path / "run")) == 2
    assert len(list((tmp_path / "run").glob("tickets/*/ticket.png"))) == 2


def test_without_pictures_nothing_is_drawn(starter: Starter, tmp_path: Path) -> None:
    small = (*REDUCED, "model.hidden=8", "seed=0..1", "trainer.max_epochs=9", "hydra.run.dir=run")
    program = starter.run(tmp_path, *small, "pictures=false", before="import lth.record.picture as p; p.png_of = None")
    assert (program.ended(), program.err) == (0, "")
    assert not list(tmp_path.rglob("*.png"))
    summary = (tmp_path / "run" / "summary.json").stat().st_mtime_ns
    assert starter.run(tmp_path, *small, "pictures=false").ended() == 0
    assert (tmp_path / "run" / "summary.json").stat().st_mtime_ns == summary, "recorded again"
    assert starter.run(tmp_path, *small).ended() == 0
    assert len(list(tmp_path.rglob("*.png"))) == 2


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
