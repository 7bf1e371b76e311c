"""lth.jobs.pool: what the caller does before a job starts is done before the worker has it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lth.jobs.execute import execute
from lth.jobs.pool import Event, JobOver, JobStarts, Pool
from tests.configured import plan_of
from tests.in_this_process import InThisProcess

LOOK = f"{__name__}:look"


def look(job: Path, send: Callable[[object], None], _: object) -> None:
    """A job that says whether its file is there."""
    send(job.exists())


def test_a_job_waits_for_its_caller(tmp_path: Path) -> None:
    heard = []
    with Pool(1, LOOK) as pool:
        for number in range(2):
            pool.add(str(number), tmp_path / str(number), 1.0)
        for event in pool.events():
            if event is not None:
                heard.append((event.key, event.message))
                if isinstance(event.message, JobStarts):
                    event.job.touch()
    assert heard == [(key, message) for key in "01" for message in (JobStarts(), True, JobOver())]


def test_stopped_before_it_starts_a_job_is_dropped(tmp_path: Path) -> None:
    with Pool(1, LOOK) as pool:
        pool.add("0", tmp_path, 1.0)
        heard: list[Any] = []
        for event in pool.events():
            heard.append(event)
            pool.stop()
    assert [event.message for event in heard if event] == [JobStarts()]


def test_the_folder_tells_how_it_was_composed_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[str]] = []

    class Looking(InThisProcess):
        def events(self) -> Iterator[Event]:
            for event in super().events():
                yield event
                if isinstance(event.message, JobStarts):
                    told.append(sorted(path.parent.name for path in tmp_path.glob("*/how")))

    monkeypatch.setattr("lth.jobs.execution.Pool", Looking)
    names = ("one", "two")
    plans = [replace(plan_of(tmp_path / name, "pictures=false"), record=lambda: {"how": b"so"}) for name in names]
    assert execute(plans) == [0, 0]
    assert told == [["one"], ["one", "two"]]  # and not those of all stacks at once
    for name in names:
        (tmp_path / name / "how").unlink()
    assert execute(plans) == [0, 0]
    assert len(list(tmp_path.glob("*/how"))) == 2, "also where all of it is trained"
