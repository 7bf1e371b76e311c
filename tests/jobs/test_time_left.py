"""How long it will still take: by what was measured, however many stacks there are."""

import math
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lth.jobs.progress import Display
from lth.jobs.standing import StackProgress
from lth.training.messages import Progress, SeedFailed
from tests.jobs.displayed import done, plain_console


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
Step = tuple[int, str, int, int, float]  # a stack, what happens to it, a seed or worker of it, a level, seconds after
STEPS = st.tuples(st.integers(0, 3), st.sampled_from(WHAT), st.integers(0, 1), st.integers(0, 2), st.floats(0.1, 9.0))


def happens(display: Display, step: Step, waiting: bool) -> None:
    number, what, seed, level, _ = step
    name = str(number)
    match what:
        case "running":
            display.running(name, [done(seed, 0)] if waiting else [])
        case "progress":
            display.progress(name, seed, Progress((seed,), level, 2, 1, 1, 0.5))
        case "level":
            display.level(name, done(seed, level))
        case "failed":
            display.failed(name, SeedFailed(seed, level, 1, "nan"))
        case "idle":
            display.idle(name, seed)
        case "done":
            display.done(name)


def busy_after(at: set[tuple[str, int]], step: Step) -> set[tuple[str, int]]:
    """The workers that train, each by its stack and number, after this step too."""
    number, what, worker, *_ = step
    name = str(number)
    if what == "progress":
        return at | {(name, worker)}
    gone = {"idle": {(name, worker)}, "done": {key for key in at if key[0] == name}}
    return at - gone.get(what, set())


# A stack that is over no longer has workers: those of the next are no more than there ever were.
OVER = [
    (0, "running", 0, 0, 1.0), (0, "progress", 0, 1, 1.0), (0, "level", 1, 0, 1.0), (0, "done", 0, 0, 1.0),
    (1, "running", 0, 0, 1.0), (1, "progress", 0, 1, 1.0),
]  # fmt: skip


@settings(max_examples=200)
@example(steps=OVER)
@given(steps=st.lists(STEPS, max_size=25))
def test_the_sums_that_are_kept_are_those_of_all_stacks(steps: list[Step]) -> None:
    costs = [(9.0, 3.0, 1.0), (2.0, 2.0, 2.0), (90.0, 30.0, 10.0), (9.0, 3.0, 1.1)]
    stacks = {str(name): StackProgress(str(name), (0, 1), 2, own) for name, own in enumerate(costs)}
    clock, at, most = 0.0, set(), 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: clock)
        display = Display(list(stacks.values()), plain_console()[0])
        for step in steps:
            before = stacks[str(step[0])].state
            if before == "done" or (before == "waiting" and step[1] != "running"):
                continue
            happens(display, step, before == "waiting")
            at = busy_after(at, step)
            most, clock = max(most, len(at)), clock + step[-1]
            left, expected = display.left(), expected_left(stacks, most)
            assert left == (None if expected is None else pytest.approx(expected, abs=1e-9))
            states = [stack.state for stack in stacks.values()]
            counts = ", ".join(f"{states.count(state)} {state}" for state in ("done", "running", "waiting"))
            assert display.overall().split(" · ")[0] == f"stacks: {counts}"


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
    counted = []
    for number in (10, 10_000):
        stacks = [StackProgress(str(name), (0, 1), 1, costs=(2.0, 1.0 + name % 10 / 9)) for name in range(number)]
        with Display(stacks, plain_console()[0]) as display:
            display.running("3")
            display.progress("3", 0, Progress((0, 1), 0, 1, 1, 2, 0.5))
            display.level("3", done(0, 0))
            display.running("4")
            assert display.left() is not None
            # What the interpreter tidies up meanwhile would count as well.
            counted.append(min(calls(display.overall) for _ in range(5)))
    # Hours are written by another branch than seconds, of a call more; a look at every stack would be 9990 more.
    assert abs(counted[0] - counted[1]) < 10
