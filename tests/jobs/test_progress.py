"""lth.jobs.progress and lth.jobs.endtable: what stands on the screen."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from lth.jobs.endtable import print_end
from lth.jobs.progress import Display, Stack, compact, duration
from lth.training.messages import LevelDone, Progress, SeedFailed, Warned
from tests.synthetic_run import row


def plain_console() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=200, highlight=False), stream


def done(seed: int, level: int) -> LevelDone:
    return LevelDone(seed, level, row(seed, level), np.zeros((1, 3)))


def test_without_a_terminal_there_is_one_plain_line_per_level() -> None:
    console, stream = plain_console()
    with Display([Stack("one", (0, 1), 3)], console) as display:
        display.running("one")
        for level in (0, 1, 2):
            display.progress("one", 0, Progress((0, 1), level, 3, 5, 2, 0.4))
            display.level("one", done(0, level))
            assert len(stream.getvalue().splitlines()) == level
            display.level("one", done(1, level))
        display.done("one")
    lines = stream.getvalue().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["level 0/3", "level 1/3", "level 2/3"]
    assert lines[2].endswith("separated 2 of 2")
    assert "\x1b" not in stream.getvalue()


def test_a_failed_seed_does_not_hold_the_line_back() -> None:
    console, stream = plain_console()
    with Display([Stack("a", (0, 1), 3), Stack("b", (0,), 3)], console) as display:
        display.failed("a", SeedFailed(1, 0, 17, "validation loss is nan"))
        display.level("a", done(0, 0))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "a: seed 1 failed at level 0, epoch 17: validation loss is nan"
    assert lines[1].startswith("a: level 0/3")


def test_a_warning_is_said_once() -> None:
    console, stream = plain_console()
    with Display([Stack("a", (0,), 3)], console) as display:
        for text in ("W&B [bold] is slow", "W&B [bold] is slow", "other"):
            display.warn(Warned(text))
    assert stream.getvalue().splitlines() == ["warning: W&B [bold] is slow", "warning: other"]


def test_the_live_display_shows_workers_and_stacks() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120)
    with Display([Stack("h=38", (0, 1, 2, 3), 9), Stack("h=47", (0,), 9)], console) as display:
        display.running("h=38")
        display.progress("h=38", 1, Progress((0, 1, 2, 3), 4, 9, 123, 2, 0.25))
        display.level("h=38", done(0, 2))
    shown = stream.getvalue()
    for part in ("h=38", "0..3", "4 of 9", "123", "2/4", "0.2500", "1 running, 1 waiting", "separated so far 1 of 5"):
        assert part in shown


def test_time_left_follows_the_measured_cost_of_each_size(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [50.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    stacks = [
        Stack("big", (0, 1), 1, costs=(30.0, 10.0)),
        Stack("nearly", (0,), 1, costs=(20.0, 10.0)),
        Stack("small", (0,), 1, costs=(3.0, 1.0)),
    ]
    with Display(stacks, plain_console()[0]) as display:
        assert display.left() is None
        display.running("big", finished=[done(0, 0)])  # done by an earlier process: it took no time of ours
        assert display.left() is None
        for worker, name in enumerate(("big", "small")):
            display.running(name)
            display.progress(name, worker, Progress((0,), 0, 1, 1, 1, 0.5))
        clock[0] += 15.0
        display.level("big", done(1, 0))  # half a second for each of 30
        clock[0] += 6.0
        display.level("small", done(0, 0))  # seven seconds for each of 3
        nearly = 0.5 * 30.0  # as the nearest one
        assert display.left() == pytest.approx((0.5 * 20.0 - 6.0 + nearly + 7.0 * 1.0) / 2)  # two workers
        display.idle("small", 1)
        clock[0] += 100.0
        assert display.left() == pytest.approx((0.0 + nearly + 7.0) / 2)  # never less than nothing
        display.failed("big", SeedFailed(0, 1, 1, "nan"))
        display.level("big", done(1, 1))
        display.done("big")
        assert "1 done, 1 running, 1 waiting" in display.overall()


def test_a_sweep_without_a_terminal_says_how_far_it_is_after_each_stack() -> None:
    console, stream = plain_console()
    with Display([Stack("a", (0, 1), 3), Stack("b", (0,), 3)], console) as display:
        display.running("a")
        display.done("a")
    assert stream.getvalue() == "stacks: 1 done, 0 running, 1 waiting · separated so far 0 of 3 seeds\n"


def test_the_end_table_has_a_row_per_level_and_the_folder_unbroken() -> None:
    console, stream = plain_console()
    rows = [row(seed, level) for seed in (0, 1, 2) for level in (0, 1, 2)]
    folder = Path("/very/long" * 30)
    print_end(console, rows, folder)
    lines = [line for line in stream.getvalue().splitlines() if line.strip()]
    assert lines[0].split() == ["level", "keep", "active", "inactive", "zombie", "val", "loss", "accuracy", "separated"]
    assert len(lines) == 2 + 3 + 1
    mean = sum(line["active_weights"] for line in rows if line["level"] == 2) / 3
    assert lines[4].split()[:3] == ["2", "25", f"{mean:.1f}"]
    assert lines[4].split()[-3:] == ["3", "of", "3"]
    assert lines[-1] == str(folder)


def test_what_was_not_computed_is_a_dash() -> None:
    console, stream = plain_console()
    print_end(console, [{"level": 0, "keep": 9, "active_weights": None, "val_loss": None}], Path("x"))
    assert stream.getvalue().splitlines()[-3].split() == ["0", "9", "-", "-", "-", "-", "-", "0", "of", "1"]


DURATIONS = [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (3599, "1 h 00 min"), (7500, "2 h 05 min")]


@pytest.mark.parametrize(("seconds", "text"), DURATIONS)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("seeds", "text"), [((3,), "3"), ((0, 1), "0,1"), ((0, 1, 2), "0..2"), ((0, 2, 5), "0,2,5")])
def test_seeds(seeds: tuple[int, ...], text: str) -> None:
    assert compact(seeds) == text
