"""Two processes, two configurations, one folder: the second is refused in one line and changes nothing."""

import fcntl
import shutil
import signal
from pathlib import Path

import pytest

from tests.faults.program import REDUCED, Starter, command, results_of

RUN = (*REDUCED, "model.hidden=10", "seed=0..1", "trainer.max_epochs=250", "trainer.patience=250")


def everything(folder: Path) -> dict[str, bytes]:
    """All files, byte by byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(program: object, *parts: str) -> None:
    assert program.ended() == 2, program.out  # type: ignore[attr-defined]
    assert program.err.count("\n") == 1, program.err  # type: ignore[attr-defined]
    for part in parts:
        assert part in program.err  # type: ignore[attr-defined]


def test_two_processes_on_one_run_folder(starter: Starter, tmp_path: Path) -> None:
    first = starter.start(tmp_path, *RUN, "hydra.run.dir=run")
    first.wait_for(tmp_path / "run" / "tickets" / "seed=0" / "level=00.safetensors")
    hydra = everything(tmp_path / "run" / ".hydra")
    first.signal_group(signal.SIGSTOP)  # or it is over before the second has asked
    second = starter.run(tmp_path, *RUN, "seed=0..5", "hydra.run.dir=run")
    first.signal_group(signal.SIGCONT)
    refused(second, "another process records into it")
    assert everything(tmp_path / "run" / ".hydra") == hydra
    assert first.wait() == 0, first.err
    assert len(results_of(tmp_path / "run")) == 2 + 4


def test_two_processes_on_one_sweep_folder(starter: Starter, undisturbed: Path, tmp_path: Path) -> None:
    first = starter.start(tmp_path, *command())
    first.wait_for(tmp_path / "sweep" / "multirun.yaml")
    recorded = (tmp_path / "sweep" / "multirun.yaml").read_bytes()
    first.signal_group(signal.SIGSTOP)
    second = starter.run(tmp_path, *command("pruning=magnitude,random"))
    first.signal_group(signal.SIGCONT)
    refused(second, "hydra.sweep.dir=sweep", "another process records into it")
    assert (tmp_path / "sweep" / "multirun.yaml").read_bytes() == recorded
    assert first.wait() == 0, first.err
    assert results_of(tmp_path / "sweep") == results_of(undisturbed)


def test_the_lock_of_a_dead_process_does_not_block(starter: Starter, undisturbed: Path, tmp_path: Path) -> None:
    shutil.copytree(undisturbed, tmp_path / "sweep")
    with (tmp_path / "sweep" / "0" / ".claim").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(starter.run(tmp_path, *command()), "another process")
    assert starter.run(tmp_path, *command()).ended() == 0


@pytest.mark.parametrize("summary", ["whole", "broken", "missing"])
def test_another_configuration_is_refused_and_nothing_is_written(
    summary: str, starter: Starter, undisturbed: Path, tmp_path: Path
) -> None:
    sweep = tmp_path / "sweep"
    shutil.copytree(undisturbed, sweep)
    for path in sweep.glob("*/summary.json"):
        if summary == "broken":
            path.write_bytes(path.read_bytes()[:50])
        elif summary == "missing":
            path.unlink()
    before = everything(sweep)
    program = starter.run(tmp_path, *REDUCED, "model.hidden=16", "hydra.run.dir=sweep/1")
    refused(program, "hydra.run.dir=sweep/1", "another configuration")
    program = starter.run(tmp_path, *command("trainer.batch_size=32"))
    assert program.ended() == 2
    assert program.err.count("another configuration") == program.err.count("\n") == 3
    assert everything(sweep) == before


def test_a_grid_in_another_order_is_refused(starter: Starter, undisturbed: Path, tmp_path: Path) -> None:
    shutil.copytree(undisturbed, tmp_path / "sweep")
    before = everything(tmp_path / "sweep")
    program = starter.run(tmp_path, *command("model.hidden=10,8,13"))
    assert program.ended() == 2
    assert program.err.count("another configuration") == program.err.count("\n") == 2
    assert everything(tmp_path / "sweep") == before


def test_a_sweep_of_more_stacks_than_files_may_be_open(starter: Starter, tmp_path: Path) -> None:
    few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (28, 28))"
    rates = ",".join(f"{number}e-4" for number in range(1, 21))
    small = ("model.hidden=8", "seed=0", "trainer.max_epochs=1", f"optimizer.lr={rates}")
    program = starter.run(tmp_path, "-m", *REDUCED, *small, "hydra.sweep.dir=sweep", before=few)
    assert program.ended() == 0, program.err
    assert len(list(tmp_path.glob("sweep/*/summary.json"))) == 20
