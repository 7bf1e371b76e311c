"""Going on: what is finished is skipped, what is not goes on, what is new is added, wherever the folder lies now."""

import json
import shutil
import signal
from pathlib import Path

import pandas as pd

from lth.results import table as results
from tests.faults.program import REDUCED, Starter, command, results_of, tickets_of

RUN = (*REDUCED, "model.hidden=10", "trainer.max_epochs=40")


def stamps(folder: Path) -> dict[str, int]:
    """When each file of the results was last written; a start claims its folders and says there how it was made."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.glob("[0-9]*/**/*")
            if path.is_file() and not {".hydra", ".claim"} & set(path.parts)}  # fmt: skip


def test_the_same_command_leaves_finished_stacks_alone(undisturbed: Path, starter: Starter, tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    shutil.copytree(undisturbed, sweep)
    before = stamps(sweep)
    program = starter.run(tmp_path, *command())
    assert program.ended() == 0, program.err
    assert "level 0/" not in program.out
    assert stamps(sweep) == before


def test_unfinished_stacks_go_on_where_each_seed_was(undisturbed: Path, starter: Starter, tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    shutil.copytree(undisturbed, sweep)
    for name in ("1/tickets/seed=0/level=01", "2/tickets/seed=0/level=02", "2/tickets/seed=1/level=01",
                 "2/tickets/seed=1/level=02"):  # fmt: skip
        (sweep / f"{name}.safetensors").unlink()
    shutil.rmtree(sweep / "0" / "tickets")
    kept = {path: path.stat().st_mtime_ns for path in sweep.rglob("level=*.safetensors")}
    program = starter.run(tmp_path, "--resume", "sweep")
    assert program.ended() == 0, program.err
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert results_of(sweep) == results_of(undisturbed)


def test_a_moved_folder_with_a_difficult_name(undisturbed: Path, starter: Starter, tmp_path: Path) -> None:
    moved = tmp_path / "it's a = [moved], {folder}"
    shutil.copytree(undisturbed, moved)
    (moved / "2" / "tickets" / "seed=0" / "level=02.safetensors").unlink()
    program = starter.run(tmp_path, "--resume", str(moved))
    assert program.ended() == 0, program.err
    assert results_of(moved) == results_of(undisturbed)
    (moved / "2" / "tickets" / "seed=0" / "level=02.safetensors").unlink()
    program = starter.run(tmp_path, f"--resume={moved}/2")  # one stack of it
    assert program.ended() == 0, program.err
    assert results_of(moved) == results_of(undisturbed)
    assert not (tmp_path / "sweep").exists()


def test_seeds_add_up(starter: Starter, tmp_path: Path) -> None:
    assert starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run").ended() == 0
    before = tickets_of(tmp_path / "run")
    for seeds in ("seed=5", "seed=3..4"):  # those that the folder has stay part of its tables
        program = starter.run(tmp_path, "--resume", "run", seeds)
        assert program.ended() == 0, program.err
    assert starter.run(tmp_path, *RUN, "seed=[0,1,3,4,5]", "hydra.run.dir=straight").ended() == 0
    after = results_of(tmp_path / "run")
    assert after == results_of(tmp_path / "straight")
    assert {name: after[name] for name in before} == before
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert list(summary["seeds"]) == ["0", "1", "3", "4", "5"]
    assert summary["config"]["seed"] == [0, 1, 3, 4, 5]


def test_failed_seeds_run_again(starter: Starter, tmp_path: Path) -> None:
    breaks = (
        "import lth.training.imp, os\n"
        "finish = lth.training.imp.IMP._record\n"
        "def failing(self, module, place):\n"
        "    if self._job.seeds[place] == 1 and self._segment.level == 1: raise ArithmeticError('a fault')\n"
        "    finish(self, module, place)\n"
        "lth.training.imp.IMP._record = failing\n"
    )
    program = starter.run(tmp_path, *RUN, "seed=0..1", "trainer.workers=2", "hydra.run.dir=run", before=breaks)
    assert program.ended() == 1, program.err
    assert "seed 1 failed at level 1" in program.out
    assert results.runs(tmp_path / "run").set_index("seed")["state"].to_dict() == {0: "finished", 1: "failed"}
    before = tickets_of(tmp_path / "run")
    assert starter.run(tmp_path, "--resume", "run").ended() == 0
    assert starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=straight").ended() == 0
    after = results_of(tmp_path / "run")
    assert after == results_of(tmp_path / "straight")
    assert {name: after[name] for name in before} == before
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["failed"] == []


def test_a_broken_record_of_the_overrides_is_one_line(undisturbed: Path, starter: Starter, tmp_path: Path) -> None:
    for text in ("", "hydra: [", "hydra: 3\n", "\x00"):
        (tmp_path / "multirun.yaml").write_text(text)
        program = starter.run(tmp_path, "--resume", ".")
        assert program.ended() == 2
        assert program.err.startswith("--resume=.: multirun.yaml is broken")
        assert program.err.count("\n") == 1


def test_clocks_may_jump(starter: Starter, tmp_path: Path) -> None:
    jumping = (
        "import itertools, time\n"
        "steps = itertools.cycle((0, 4e8, -9e8, 5, -3e8))\n"
        "real = time.time\n"
        "time.time = lambda: real() + next(steps)\n"
    )
    first = starter.start(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run", before=jumping)
    first.wait_for(tmp_path / "run" / "tickets" / "seed=0" / "level=00.safetensors")
    first.kill()
    back = "import time; real = time.time; time.time = lambda: real() - 4e8"
    assert starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run", before=back).ended() == 0
    assert starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=straight").ended() == 0
    assert results_of(tmp_path / "run") == results_of(tmp_path / "straight")
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert 0 <= summary["wall_seconds"] < 300
    assert pd.Timestamp(summary["started"]).year > 2000


def test_results_of_what_runs_and_of_what_was_killed(starter: Starter, tmp_path: Path) -> None:
    program = starter.start(tmp_path, *command())
    program.wait_for(tmp_path / "sweep" / "2" / "tickets" / "seed=0" / "level=00.safetensors")
    program.signal_group(signal.SIGSTOP)  # or it is over before the first look
    assert "unfinished" in set(results.runs(tmp_path / "sweep")["state"])
    program.signal_group(signal.SIGCONT)
    while program.ended() is None:
        results.runs(tmp_path / "sweep")
        results.load(tmp_path / "sweep")
    for path in (tmp_path / "sweep" / "1").glob("[a-z]*.*"):
        path.unlink()
    line = results.tabulate(results.runs(tmp_path / "sweep")).set_index("model.hidden")
    assert line["n"].to_dict() == {8: 2, 10: 0, 13: 2}
    assert line.loc[10, "unfinished"] == "1"
