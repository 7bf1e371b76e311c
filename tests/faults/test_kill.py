"""kill -9 of everything at random moments: no finished level is lost, and the end is that of an undisturbed sweep.

`make test-faults` has LTH_KILLS=50 of them, with LTH_FORKED=no: each of `python -m lth.run` in processes of its own.
"""

import os
import random
import time
from pathlib import Path

from lth.results import table as results
from tests.faults.program import Starter, command, results_of, tickets_of

KILLS = int(os.environ.get("LTH_KILLS", "3"))
FORKED = os.environ.get("LTH_FORKED", "yes") == "yes"
EPOCHS = 60 if FORKED else 600  # a process of its own spends seconds on imports; the kills should not all fall there


def test_kill_at_random_moments(starter: Starter, quick_disk: Path) -> None:
    starter = starter if FORKED else Starter(quick_disk, forked=False)
    draw, killed, counted, late, sweeps = random.Random(20), 0, 0, 0, 0
    length = min(_undisturbed(starter, quick_disk / name) for name in ("first", "second"))
    expected = results_of(quick_disk / "first")
    while killed < KILLS:
        place = quick_disk / f"sweep{sweeps}"
        finished: dict[str, bytes] = {}
        for _ in range(min(draw.choice((1, 1, 2, 3)), KILLS - killed)):
            program = starter.start(quick_disk, *command(sweep=place.name, epochs=EPOCHS))
            time.sleep(draw.uniform(0.2, 1.1) * length)
            late += program.ended() is not None
            killed += program.ended() is None
            program.kill()
            finished = _none_lost(place, finished)
            counted += len(finished)
        began = time.monotonic()
        program = starter.run(quick_disk, *command(sweep=place.name, epochs=EPOCHS))
        length = length if finished else time.monotonic() - began  # the machine may be as busy as it likes
        assert program.ended() == 0, program.err
        assert results_of(place) == expected
        _none_lost(place, finished)
        assert not list(place.rglob("*.broken"))
        assert not list(place.rglob(".*.tmp"))
        sweeps += 1
    print(f"{killed} kills in {sweeps} sweeps of {length:.1f} s ({late} more came after the end); "
          f"{counted} finished levels counted at the kills, none lost")  # fmt: skip
    assert counted > 0, "every kill came before the first level: nothing was tried"


def _undisturbed(starter: Starter, place: Path) -> float:
    """Run the sweep in peace; gives the seconds that it takes."""
    began = time.monotonic()
    program = starter.run(place.parent, *command(sweep=place.name, epochs=EPOCHS))
    assert program.ended() == 0, program.err
    return time.monotonic() - began


def _none_lost(sweep: Path, before: dict[str, bytes]) -> dict[str, bytes]:
    """The tickets that are there now; those that were there before are the same. What is there can be read."""
    now = tickets_of(sweep)
    assert {name: now.get(name) for name in before} == before
    if any(sweep.rglob("levels.parquet")):
        faults = results.load(sweep).attrs["faults"]
        assert not [fault for fault in faults if "missing" not in fault and "No such file" not in fault]
    return now
