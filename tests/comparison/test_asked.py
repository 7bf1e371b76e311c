"""What a comparison is asked for: what is refused in one line, and the command that makes the same runs again."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from lth.comparison import __main__ as comparison
from lth.comparison import sweep
from lth.comparison.absent import absent
from lth.comparison.options import asked, command, whole_command
from lth.comparison.problems import PROBLEMS, named


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--problems", "cars"], "no problem cars; there are: moons and circles, 57;"),
        (["--problems", "moons and circles, 57;cars"], "no problem cars; there are:"),
        (["--methods", "nonsense"], "--methods nonsense: must be one of all_alive, "),
        (["--methods", "magnitude,nonsense", "--only-table"], "--methods nonsense: must be one of all_alive, "),
        (["--seeds", "3..1"], "--seeds 3..1: "),
        (["--methods", "magnitude", "nokey.x=1"], "nokey"),
    ],
)
def test_what_there_is_not_is_refused(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert comparison.main([str(tmp_path), *more]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"lth.comparison: {said}")
    assert told.count("\n") == 1
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("text", ["0", "1.5", "1", "0.1,0.1", "a", "", "nan"])
def test_shares_are_different_and_within_0_and_1(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        comparison.main(["x", "--densities", text])
    assert end.value.code == 2
    assert f"{text}: must be different numbers above 0 and below 1" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["-1", "0,0", "a", ""])
def test_data_seeds_are_different_numbers(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        comparison.main(["x", f"--data-seeds={text}"])
    assert f"{text}: must be different numbers of 0 or more" in capsys.readouterr().err


def test_problems_are_named_by_their_beginnings() -> None:
    assert [problem.name for problem in named(["digits, "])] == ["digits, 100-100"]
    assert [problem.name for problem in named(["digits"])] == [PROBLEMS[2].name, PROBLEMS[3].name]
    assert named(None) == [*PROBLEMS]


@pytest.mark.parametrize("to", [["--to", "multirun/a"], ["--to=multirun/a"], ["--to", "multirun/a/"], []])
def test_the_command_trains_and_tabulates_these_runs_alone(to: list[str]) -> None:
    """However it was typed, and wherever the table goes: even where the runs lie."""
    options = asked(
        ["multirun/a", *to, "--add", "b.parquet", "--only-table", "--densities", "0.02,0.1", "trainer.patience=3"]
    )
    own = "python -m lth.comparison multirun/a --densities 0.1,0.02 trainer.patience=3"
    assert command(options) == own
    assert whole_command(options) == f"{own} --add b.parquet{' --to multirun/a' if to else ''}"
    again = asked(command(options).split()[3:])
    assert (again.densities, again.more, again.add) == ((0.1, 0.02), ["trainer.patience=3"], [])


def test_the_command_quotes_and_says_nothing_that_is_so_anyway() -> None:
    words = ["a b", "--problems", "moons and circles, 57;digits", "--seeds", "0..1", "--reduced"]
    assert command(asked(words)) == (
        "python -m lth.comparison 'a b' --problems 'moons and circles, 57;digits' --reduced"
    )


def test_runs_that_a_signal_ended_are_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started = subprocess.Popen
    killed = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
    monkeypatch.setattr(sweep.subprocess, "Popen", lambda _: started(killed))
    assert comparison.main([str(tmp_path), "--methods", "magnitude", "--problems", "moons and circles, 57"]) == 137
    assert "signal 9 ended the runs of moons and circles, 57" in capsys.readouterr().err
    assert not (tmp_path / "methods.md").exists()


def test_after_ctrl_c_a_sweep_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It heard it too, ends its epoch, and says how to go on: nothing is cut off before that."""

    class Stopping:
        waited = 0

        def wait(self) -> int:
            self.waited += 1
            if self.waited == 1:
                raise KeyboardInterrupt
            return 130

    child = Stopping()
    monkeypatch.setattr(sweep.subprocess, "Popen", lambda _: child)
    assert comparison.main([str(tmp_path), "--methods", "magnitude", "--problems", "moons and circles, 57"]) == 130
    assert child.waited == 2


def test_what_did_not_run_or_in_part_is_said() -> None:
    lines = [("a", 0.1, seed) for seed in range(4)] + [("a", 0.02, seed) for seed in range(4)]
    lines += [("b", 0.1, seed) for seed in range(3)] + [("b", 0.02, 0), ("c", 0.1, 0), ("g", 0.1, 1)]
    rows = pd.DataFrame(lines, columns=["method", "asked", "seed"]).assign(problem="p")
    assert absent(rows, ["a", "b", "c", "d", "e", "f", "g"], {"p": {"d": "too large"}, "q": {"a": "x"}}) == {
        "p": [
            "Not run: d (too large); e, f (has no finished run here).",
            "In part, of 4 runs at each density: 3 at 10 %, 1 at 2 % of b; 1 at 10 %, none at 2 % of c, g.",
        ]
    }
    assert absent(rows[rows["method"] == "a"], ["a"], {}) == {"p": []}
