"""What is seen and heard while workers start, which takes seconds."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from lth.command.run import start
from lth.jobs import execution
from lth.jobs.execution import Display
from tests.in_this_process import InThisProcess

SMALL = ("model.hidden=[4]", "dataset.n_train=40", "trainer.max_epochs=1", "tracking=off", "pictures=false")
SHORT = ("pruning/schedule=geometric", "pruning.schedule.rate=0.5", "pruning.schedule.levels=1")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has happened so far: the display comes, workers have started."""
    happened: list[str] = []
    enter = Display.__enter__

    def entered(display: Display) -> Display:
        happened.append("display")
        return enter(display)

    class Slow(InThisProcess):
        def __init__(self, workers: int) -> None:
            happened.append("workers")
            super().__init__(workers)

    monkeypatch.setattr(Display, "__enter__", entered)
    monkeypatch.setattr("lth.jobs.execution.Pool", Slow)
    monkeypatch.setattr("lth.command.run.warm_up", lambda: None)
    return happened


def test_the_display_is_there_before_the_workers(shown: list[str], tmp_path: Path) -> None:
    assert start(["seed=0", *SMALL, *SHORT, f"hydra.run.dir={tmp_path}/run"]) == 0
    assert shown == ["display", "workers"]


def test_the_time_left_is_at_first_what_the_start_has_told(
    shown: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    init = Display.__init__

    def kept(display: Display, *given: Any, **named: Any) -> None:
        init(display, *given, **named)
        seconds = display.left()
        assert seconds is not None
        left.append(named["workers"] * seconds)

    left: list[float] = []
    monkeypatch.setattr(Display, "__init__", kept)
    told: list[float] = []
    known = execution.estimate
    monkeypatch.setattr(execution, "estimate", lambda *given: told.append((found := known(*given)).seconds) or found)
    assert start(["seed=0..1", *SMALL, *SHORT, f"hydra.run.dir={tmp_path}/run"]) == 0
    assert told[0] > 0
    assert left == pytest.approx(told)


def test_a_signal_while_they_start_is_answered_before_anything_trains(
    shown: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(InThisProcess):
        def __init__(self, workers: int) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            super().__init__(workers)

        def stop(self) -> None:
            shown.append("stop")

    monkeypatch.setattr("lth.jobs.execution.Pool", Interrupted)
    assert start(["seed=0", *SMALL, *SHORT, f"hydra.run.dir={tmp_path}/run"]) == 130
    assert shown == ["display", "stop"]
    assert "stopped; what is finished is recorded" in capsys.readouterr().out
    assert not list((tmp_path / "run").glob("tickets/*/*"))
