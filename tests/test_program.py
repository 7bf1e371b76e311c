"""The commands of the README, reduced, in processes of their own: what they print, leave behind and survive."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from lth.command.run import start
from lth.results import table as results
from lth.ticket import load, path_of
from tests.faults.program import Starter
from tests.offline_wandb import HUNG, history, run_file
from tests.sweeps import wait_until

STARTERS: list[Starter] = []
REDUCED = ["dataset.n_train=200", "dataset.n_val=200", "dataset.n_test=100", "trainer.patience=4", "trainer.workers=2"]
COLUMNS = {
    "seed", "level", "keep", "rate", "density", "epochs", "train_loss", "val_loss", "val_accuracy", "test_loss",
    "test_accuracy", "prunable", "unprunable", "weights", "biases", "active_weights", "inactive_weights",
    "zombie_weights", "pruned_weights", "active_neurons", "inactive_neurons", "zombie_neurons", "active_inputs",
    "active_outputs", "zombie_biases", "audible_zombies", "zombie_bias_mean", "components", "status", "partition",
    "splits_remaining", "cut", "cut_magnitude", "winning", "min_kept_magnitude", "val_accuracy_moons",
    "test_loss_circles", "decided_out_1", "decided_in_2",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Programs are forked from one that has imported everything; those that the tests start themselves are not."""
    STARTERS.append(Starter(tmp_path_factory.mktemp("said")))
    yield
    STARTERS.pop().close()


def lth(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m lth.run` with the reduced configuration in this folder."""
    return started(*REDUCED, *arguments, folder=folder)


def started(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m lth.run` in this folder."""
    program = STARTERS[0].run(folder, *arguments)
    return subprocess.CompletedProcess(arguments, program.wait(), program.out, program.err)


def table(folder: Path) -> pd.DataFrame:
    """levels.parquet without its floats' provenance: sorted, as plain values."""
    return pd.read_parquet(folder / "levels.parquet").sort_values(["seed", "level"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo's command at a smaller rung: its run folder and what it printed."""
    place = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "lth.run", *REDUCED, "model.hidden=16", "seed=0..2", "hydra.run.dir=run"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return place / "run", done.stdout


def test_the_table_and_the_folder_are_shown(demo: tuple[Path, str]) -> None:
    folder, said = demo
    assert "level 3/3  keep 112" in said
    assert "separated" in said
    assert f"{folder.parent.name}/run" in said


def test_the_run_folder_keeps_the_contract(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    assert (folder / ".hydra" / "config.yaml").exists()
    levels = table(folder)
    assert set(levels.columns) >= COLUMNS
    assert levels["keep"].tolist() == [352, 247, 160, 112] * 3
    assert levels["winning"].isna().tolist() == [True, False, False, False] * 3
    epochs = pd.read_parquet(folder / "epochs.parquet")
    assert epochs.groupby(["seed", "level"]).size().tolist() == levels["epochs"].tolist()
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "finished"
    assert set(summary["seeds"]) == {"0", "1", "2"}
    for seed in range(3):
        assert (folder / "tickets" / f"seed={seed}" / "ticket.png").stat().st_size > 5000
        for level in range(4):
            assert load(path_of(folder, seed, level)).row["keep"] == levels["keep"][level]


def test_wandb_has_the_same_numbers(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    levels = table(folder)
    for seed in range(3):
        found = history(run_file(folder, seed))
        ours = levels[levels["seed"] == seed]
        assert [row["level"] for row in found] == ours["level"].tolist()
        for name in ("keep", "active_weights", "val_loss", "zombie_biases", "status", "cut"):
            expected = [None if pd.isna(value) else value for value in ours[name]]
            assert [row.get(name) for row in found] == expected


def test_more_workers_change_nothing(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = demo
    assert (
        lth("model.hidden=16", "seed=0..2", "trainer.workers=1", "hydra.run.dir=run", folder=tmp_path).returncode == 0
    )
    pd.testing.assert_frame_equal(table(folder), table(tmp_path / "run"), check_exact=True)


def test_killed_and_started_again(demo: tuple[Path, str], tmp_path: Path) -> None:
    """kill -9 on the whole program in the middle, a new seed on top, a broken ticket: nothing finished is lost."""
    folder, _ = demo
    command = [sys.executable, "-m", "lth.run", *REDUCED, "model.hidden=16", "seed=0..1", "hydra.run.dir=run"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True)
    first = path_of(tmp_path / "run", 0, 1)
    wait_until(first.exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = first.stat().st_mtime_ns
    broken = path_of(tmp_path / "run", 1, 0)
    if broken.exists():
        broken.write_bytes(broken.read_bytes()[:-7])
    done = lth("model.hidden=16", "seed=0..2", "hydra.run.dir=run", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert first.stat().st_mtime_ns == before, "a finished level was trained again"
    pd.testing.assert_frame_equal(table(folder), table(tmp_path / "run"), check_exact=True)


# Once level 0 is kept, the first to prune says who it is and waits to be killed: who comes after it does not wait.
WAITING = """
import os, time
from pathlib import Path
from lth.method.criterion.magnitude import Magnitude

class Waiting(Magnitude):
    def score(self, weights):
        if Path("run/tickets").exists() and not Path("worker").exists():
            Path("worker.tmp").write_text(str(os.getpid()))
            os.rename("worker.tmp", "worker")
            time.sleep(600)
        return super().score(weights)
"""


def test_a_killed_worker_is_replaced(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = demo
    (tmp_path / "waiting.py").write_text(WAITING)
    command = [sys.executable, "-m", "lth.run", *REDUCED, "model.hidden=16", "seed=0..2", "hydra.run.dir=run",
               "pruning.criterion._target_=waiting.Waiting"]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    wait_until((tmp_path / "worker").exists)
    os.kill(int((tmp_path / "worker").read_text()), signal.SIGKILL)
    said, _ = process.communicate(timeout=HUNG)
    assert process.returncode == 0
    assert "a worker was lost" in said
    pd.testing.assert_frame_equal(table(folder), table(tmp_path / "run"), check_exact=True)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)]
)
def test_stopping_on_request(number: int, code: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lth.run", *REDUCED, "model.hidden=57", "seed=0..1", "hydra.run.dir=run",
               "trainer.patience=100"]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(path_of(tmp_path / "run", 0, 0).exists)
    process.send_signal(number)
    _, errors = process.communicate(timeout=HUNG)
    assert process.returncode == code
    assert "Traceback" not in errors
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["status"] == "stopped"
    assert len(table(tmp_path / "run")) >= 1


def test_a_folder_is_not_overwritten_nor_shared(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    before = (folder / "levels.parquet").read_bytes()
    done = lth("model.hidden=20", "seed=0", f"hydra.run.dir={folder}", folder=folder.parent)
    assert done.returncode == 2
    assert "another configuration" in done.stderr
    import fcntl

    with (folder / ".claim").open("a") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        done = lth("model.hidden=16", "seed=0..2", f"hydra.run.dir={folder}", folder=folder.parent)
    assert done.returncode == 2
    assert "another process" in done.stderr
    assert (folder / "levels.parquet").read_bytes() == before


def test_a_diverging_run_exits_1(tmp_path: Path) -> None:
    done = lth(
        "optimizer=sgd", "optimizer.lr=1e30", "model.hidden=8", "seed=0..1", "hydra.run.dir=run", folder=tmp_path
    )
    assert done.returncode == 1
    assert "seed 0 failed at level 0, epoch 1: the loss is not finite" in done.stdout
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["status"] == "failed"
    assert summary["failed"] == ["0", "1"]


def test_a_sweep_packs_seeds_and_spells_out_the_ladder(tmp_path: Path) -> None:
    done = lth("-m", "model.hidden=8,..,13", "seed=0..1", "pruning=magnitude,random", "hydra.sweep.dir=sweep",
               folder=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "sweep").glob("*/levels.parquet"))) == 6
    runs = results.runs(tmp_path / "sweep")
    assert len(runs) == 12
    assert sorted(set(runs["model.hidden"])) == [8, 10, 13]
    again = lth("-m", "model.hidden=8,..,13", "seed=0..1", "pruning=magnitude,random", "hydra.sweep.dir=sweep",
                folder=tmp_path)  # fmt: skip
    assert again.returncode == 0
    assert "level 0" not in again.stdout, "a finished stack was trained again"


def test_resume_goes_on_with_a_sweep_and_adds_seeds(tmp_path: Path) -> None:
    given = ("-m", "model.hidden=8,10", "seed=0..1", "hydra.sweep.dir=sweep")
    assert lth(*given, folder=tmp_path).returncode == 0
    path_of(tmp_path / "sweep" / "1", 1, 1).unlink()
    before = (tmp_path / "sweep" / "0" / "levels.parquet").read_bytes()
    done = started("--resume", "sweep", "seed=0..2", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for stack, levels in (("0", 1), ("1", 2)):
        assert len(table(tmp_path / "sweep" / stack)) == 3 * levels
    assert pd.read_parquet(tmp_path / "sweep" / "0" / "levels.parquet")[:2].equals(
        pd.read_parquet(io.BytesIO(before))
    )  # fmt: skip


def test_resume_of_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert start(["--resume", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("--resume=nowhere: must be the folder of a run or a sweep")


def test_real_data(tmp_path: Path) -> None:
    done = lth(
        "dataset=digits_pair", "dataset.n_train=300", "dataset.n_val=200", "dataset.n_test=200", "model.hidden=16",
        "pruning/schedule=geometric", "pruning.schedule.rate=0.5", "pruning.schedule.target=200", "seed=0..1",
        "hydra.run.dir=run", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert table(tmp_path / "run")["keep"].tolist()[-1] == 200
