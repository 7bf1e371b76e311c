"""The end table, and the words for durations, stacks and seeds."""

from pathlib import Path

import pytest

from lth.jobs.endtable import print_end
from lth.jobs.wording import clock, compact, duration, names_apart
from tests.jobs.displayed import plain_console
from tests.synthetic_run import row


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
