"""lth.jobs.progress and lth.jobs.endtable: what stands on the screen."""

import io
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from lth.jobs.endtable import print_end
from lth.jobs.liveview import STOPPING, Row, view
from lth.jobs.progress import Display
from lth.jobs.standing import StackProgress
from lth.jobs.wording import clock, compact, duration, names_apart
from lth.training.messages import LevelDone, Progress, SeedFailed, Warned
from tests.synthetic_run import row


def plain_console() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=200, highlight=False), stream


def done(seed: int, level: int) -> LevelDone:
    return LevelDone(seed, level, row(seed, level), np.zeros((1, 3)))


def test_without_a_terminal_there_is_one_plain_line_per_level() -> None:
    console, stream = plain_console()
    with Display([StackProgress("one", (0, 1), 3)], console) as display:
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
    with Display([StackProgress("a", (0, 1), 3), StackProgress("b", (0,), 3)], console) as display:
        display.failed("a", SeedFailed(1, 0, 17, "validation loss is nan"))
        display.level("a", done(0, 0))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "a: seed 1 failed at level 0, epoch 17: validation loss is nan"
    assert lines[1].startswith("a: level 0/3")


def test_a_warning_is_said_once() -> None:
    console, stream = plain_console()
    with Display([StackProgress("a", (0,), 3)], console) as display:
        for text in ("W&B [bold] is slow", "W&B [bold] is slow", "other"):
            display.warn(Warned(text))
    assert stream.getvalue().splitlines() == ["warning: W&B [bold] is slow", "warning: other"]


def screen(stream: io.StringIO) -> str:
    """The last frame of a live display."""
    return stream.getvalue().rpartition("\x1b[2K")[2]


@pytest.mark.parametrize(("width", "parts"), [(80, ("123/500",)), (140, ("123/500", "0..3", "0.2500"))])
def test_the_live_display_has_a_bar_for_every_stack_that_runs(width: int, parts: tuple[str, ...]) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width)
    stacks = [StackProgress(f"h={size}", (0, 1, 2, 3), 9, longest=500) for size in (38, 47, 57)]
    with Display(stacks, console, workers=2, guess=2.0) as display:
        display.given("h=57", 0, "starts")
        display.running("h=38", [done(seed, 0) for seed in range(4)])
        display.progress("h=38", 1, Progress((0, 1, 2, 3), 4, 9, 123, 2, 0.25))
        display.level("h=38", done(0, 2))
        shown = console.render_lines(display._render(), pad=False)
    lines = ["".join(segment.text for segment in line).rstrip() for line in shown]
    assert max(map(len, lines)) <= width
    assert [line.split()[0] for line in lines[:3]] == ["stack", "h=38", "h=57"]
    for part in ("4/9", "1/4", *parts):
        assert part in lines[1]
    assert "━" in lines[1]
    assert "starts" in lines[2]
    assert "2 running, 1 waiting" in lines[3]
    assert "separated so far 1 of 12" in lines[3]
    assert "elapsed · about" in lines[4]


def test_a_bar_has_the_levels_done_and_of_the_others_the_epochs() -> None:
    stack = StackProgress("a", (0, 1, 2, 3), 4, longest=100)
    assert stack.share([]) == 0
    for seed in range(4):
        stack.add(done(seed, 0))
    assert stack.share([]) == pytest.approx(4 / 20)
    assert stack.share([Progress((0, 1, 2, 3), 1, 4, 50, 3, 0.1)]) == pytest.approx((4 + 1 + 0.5) / 20)
    stack.lose(3)
    assert stack.share([]) == pytest.approx(3 / 15)
    for level in (1, 2, 3):
        for seed in range(3):
            stack.add(done(seed, level))
    assert stack.share([Progress((0, 1, 2), 4, 4, 200, 1, 0.1)]) == pytest.approx((12 + 2 + 1) / 15)


def test_more_stacks_than_the_screen_has_lines_are_counted() -> None:
    rows = [Row(StackProgress(str(number), (0,), 3), (), "starts", None) for number in range(50)]
    console, stream = plain_console()
    console.print(view(rows, ["one", "two"], 80, 20))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 18
    assert lines[-3:] == ["… and 36 more running", "one", "two"]


def test_time_is_left_from_the_first_second_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a guess, which counts what is done already, and no longer once something is measured."""
    clock = [50.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    stacks = [StackProgress("a", (0, 1), 1, costs=(3.0, 1.0)), StackProgress("b", (0,), 1, costs=(3.0, 1.0))]
    with Display(stacks, plain_console()[0], workers=2, guess=10.0) as display:
        assert display.left() == pytest.approx(10 * 12 / 2)
        display.running("a", finished=[done(0, 0)])
        assert display.left() == pytest.approx(10 * 9 / 2)
        display.progress("a", 0, Progress((1,), 0, 1, 1, 1, 0.5))
        clock[0] += 6.0
        assert display.left() == pytest.approx((10 * 9 - 6) / 2)
        display.level("a", done(1, 0))  # 2 seconds for each of 3
        assert display.left() == pytest.approx(2 * 6 / 2)
        assert "0:06 elapsed · about 6 s left" in display.overall()


def test_who_asks_to_stop_reads_it_below_the_bars_and_once_above() -> None:
    stream = io.StringIO()
    asked: list[int] = []
    console = Console(file=stream, force_terminal=True, width=80)
    with Display([StackProgress("a", (0,), 3)], console, stopping=lambda: bool(asked)) as display:
        display.running("a")
        assert not any(STOPPING in str(line) for line in display._render().renderables)
        asked.append(2)
        assert any(STOPPING in str(line) for line in display._render().renderables)
        for _ in range(2):
            display.acknowledge()
    assert STOPPING not in screen(stream), "it is over"
    plain, stream = plain_console()
    with Display([StackProgress("a", (0,), 3)], plain, stopping=lambda: True) as display:
        for _ in range(2):
            display.acknowledge()
    assert stream.getvalue() == f"{STOPPING}\n"


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, _environ={"TERM": "dumb"})
    with Display([StackProgress("a", (0,), 3)], console) as display:
        display.running("a")
        display.level("a", done(0, 0))
    assert stream.getvalue().startswith("level 0/3")
    assert "\x1b[" not in stream.getvalue()


def test_time_left_follows_the_measured_cost_of_each_size(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [50.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    stacks = [
        StackProgress("big", (0, 1), 1, costs=(30.0, 10.0)),
        StackProgress("nearly", (0,), 1, costs=(20.0, 10.0)),
        StackProgress("small", (0,), 1, costs=(3.0, 1.0)),
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


def expected_left(stacks: dict[str, StackProgress], most: int) -> float | None:
    """The estimate added up anew from all stacks, as it is meant."""

    def size(stack: StackProgress) -> int:
        return round(math.log(sum(stack.cost(level) for level in range(stack.levels + 1))) / math.log(1.25))

    seconds, units = dict[int, float](), dict[int, float]()
    for stack in stacks.values():
        if stack.units > 0:
            seconds[size(stack)] = seconds.get(size(stack), 0.0) + stack.measured
            units[size(stack)] = units.get(size(stack), 0.0) + stack.units
    if not units:
        return None
    total = 0.0
    for stack in stacks.values():
        own = stack.measured / stack.units if stack.state == "running" and stack.measured and stack.units > 0 else None
        distance = min(abs(known - size(stack)) for known in units)
        near = [seconds[known] / units[known] for known in units if abs(known - size(stack)) == distance]
        left = sum(
            stack.cost(level)
            for level in range(stack.levels + 1)
            for seed in stack.seeds
            if seed not in stack.lost and seed not in stack.rows.get(level, {})
        )
        if stack.state != "done":
            total += max(0.0, left * (own or near[0]) - (stack.spent - stack.measured))
    return total / most


WHAT = ["running", "progress", "level", "level", "failed", "idle", "done"]
STEPS = st.tuples(st.integers(0, 3), st.sampled_from(WHAT), st.integers(0, 1), st.integers(0, 2), st.floats(0.1, 9.0))


@settings(max_examples=200)
@given(steps=st.lists(STEPS, max_size=25))
def test_the_sums_that_are_kept_are_those_of_all_stacks(steps: list[tuple[int, str, int, int, float]]) -> None:
    costs = [(9.0, 3.0, 1.0), (2.0, 2.0, 2.0), (90.0, 30.0, 10.0), (9.0, 3.0, 1.1)]
    stacks = {str(name): StackProgress(str(name), (0, 1), 2, own) for name, own in enumerate(costs)}
    clock, at, most = 0.0, set(), 1
    with pytest.MonkeyPatch.context() as patch, Display(list(stacks.values()), plain_console()[0]) as display:
        display._seen = clock
        patch.setattr(time, "monotonic", lambda: clock)
        for number, what, seed, level, seconds in steps:
            name = str(number)
            if stacks[name].state == "done" or (what != "running" and stacks[name].state == "waiting"):
                continue
            match what:
                case "running":
                    display.running(name, [done(seed, 0)] if stacks[name].state == "waiting" else [])
                case "progress":
                    display.progress(name, seed, Progress((seed,), level, 2, 1, 1, 0.5))
                    at.add((name, seed))
                    most = max(most, len(at))
                case "level":
                    display.level(name, done(seed, level))
                case "failed":
                    display.failed(name, SeedFailed(seed, level, 1, "nan"))
                case "idle":
                    display.idle(name, seed)
                    at.discard((name, seed))
                case "done":
                    display.done(name)
                    at = {key for key in at if key[0] != name}
            clock += seconds
            left, expected = display.left(), expected_left(stacks, most)
            assert left == (None if expected is None else pytest.approx(expected, abs=1e-9))
            words = display.overall().split(" · ")
            states = [stack.state for stack in stacks.values()]
            counts = ", ".join(f"{states.count(state)} {state}" for state in ("done", "running", "waiting"))
            assert words[0] == f"stacks: {counts}"


def calls(act: Callable[[], object]) -> int:
    """How many functions are called, Python's own included, while this is done."""
    counted = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return counted


def test_the_estimate_costs_the_same_for_ten_and_for_ten_thousand_stacks() -> None:
    counted = set()
    for number in (10, 10_000):
        stacks = [StackProgress(str(name), (0, 1), 1, costs=(2.0, 1.0 + name % 10 / 9)) for name in range(number)]
        with Display(stacks, plain_console()[0]) as display:
            display.running("3")
            display.progress("3", 0, Progress((0, 1), 0, 1, 1, 2, 0.5))
            display.level("3", done(0, 0))
            display.running("4")
            assert display.left() is not None
            counted.add(calls(display.overall))
    assert len(counted) == 1


def test_a_sweep_without_a_terminal_says_how_far_it_is_after_each_stack() -> None:
    console, stream = plain_console()
    with Display([StackProgress("a", (0, 1), 3), StackProgress("b", (0,), 3)], console) as display:
        display.running("a")
        display.done("a")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "a: done before, no level yet"
    assert lines[1] == "stacks: 1 done, 0 running, 1 waiting · separated so far 0 of 3 seeds · 0:00 elapsed"


def test_a_stack_that_is_over_is_listed_with_its_outcomes() -> None:
    console, stream = plain_console()
    with Display([StackProgress("a", (0, 1, 2), 3), StackProgress("b", (0,), 3)], console) as display:
        display.given("a", 0, "starts")
        display.running("a", [done(0, level) for level in range(4)] + [done(1, level) for level in range(3)])
        display.failed("a", SeedFailed(2, 0, 1, "nan"))
        display.done("a", "failed")
        display.given("b", 0, "starts")
        display.running("b", [done(0, 0)])
        display.done("b", "stopped")
        lines = stream.getvalue().splitlines()
        assert "a: failed after 0 s, 1 separated-degraded, 1 separated, 1 failed" in lines
        assert "b: stopped after 0 s, 1 interconnected" in lines
        assert "1 done, 0 running, 1 waiting" in display.overall()


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


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (59.7, "1:00"), (725, "12:05"), (11110, "3:05:10")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


NAMES = {
    ("model.hidden=8 seed=0..3", "model.hidden=10 seed=0..3"): ["hidden=8", "hidden=10"],
    ("model.hidden=8 pruning/rewind=late", "model.hidden=8 pruning/rewind=reset"): ["rewind=late", "rewind=reset"],
    ("a.seed=1 b.seed=2", "a.seed=3 b.seed=4"): ["a.seed=1 b.seed=2", "a.seed=3 b.seed=4"],
    ("a=1", "a=1 b=2"): ["a=1", "a=1 b=2"],
    ("a=1 b=2",): ["a=1 b=2"],
    ("a=1 b.c=2", "a=1 b.c=2"): ["a=1 b.c=2", "a=1 b.c=2"],
}


@pytest.mark.parametrize(("cells", "names"), NAMES.items())
def test_names_leave_out_what_all_have(cells: tuple[str, ...], names: list[str]) -> None:
    assert names_apart([cell.split() for cell in cells]) == names


@pytest.mark.parametrize(("seeds", "text"), [((3,), "3"), ((0, 1), "0,1"), ((0, 1, 2), "0..2"), ((0, 2, 5), "0,2,5")])
def test_seeds(seeds: tuple[int, ...], text: str) -> None:
    assert compact(seeds) == text
