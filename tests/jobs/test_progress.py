"""lth.jobs.progress and lth.jobs.endtable: what stands on the screen."""

import io
import re

import pytest
from rich.console import Console

from lth.jobs.liveview import STOPPING, Row, view
from lth.jobs.progress import Display
from lth.jobs.standing import StackProgress
from lth.training.messages import Progress, SeedFailed, Warned
from tests.jobs.displayed import done, plain_console, screen


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


def test_a_bar_of_everything_stands_before_anything_runs() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with Display([StackProgress("a", (0,), 3, costs=(1.0,) * 4)], console, guess=10.0) as display:
        *_, whole = display._render().renderables
        with console.capture() as drawn:
            console.print(whole)
        assert "━━━━━━━━━━━━ 0:00 elapsed · about " in re.sub(r"\x1b\[[0-9;]*m", "", drawn.get())
        display.running("a")
    assert "━" not in str(display._render().renderables[-1]), "it is over"


def test_more_stacks_than_the_screen_has_lines_are_counted() -> None:
    rows = [Row(StackProgress(str(number), (0,), 3), (), "starts", None) for number in range(50)]
    console, stream = plain_console()
    console.print(view(rows, ["one", "two"], 80, 20))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 18
    assert lines[-3:] == ["… and 36 more running", "one", "two"]


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
