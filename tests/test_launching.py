"""Launchers other than the local pool, as far as that needs neither their extras nor a service."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hydra.core.utils import JobReturn, JobStatus
from omegaconf import DictConfig, OmegaConf

from hydra_plugins.lth_launcher import _queue
from hydra_plugins.lth_launcher.slurm import SlurmLauncher
from hydra_plugins.lth_sweeper._launching import guarded, raise_failed
from lth.command.run import start
from lth.record.recorder import Recorder
from lth.settings import ConfigurationError, SweepError
from tests.synthetic_run import header, record_run


@pytest.mark.parametrize(("name", "extra"), [("slurm", "slurm"), ("ray_cluster", "ray"), ("joblib", "joblib")])
def test_a_missing_extra_is_one_line(
    name: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.settings.surroundings.find_spec", lambda _: None)
    assert start(["-m", f"hydra/launcher={name}", "model.hidden=8,10"]) == 2
    assert capsys.readouterr().err == f"hydra/launcher={name}: is not installed; pip install 'lth[{extra}]'\n"
    assert not list(tmp_path.iterdir())


def test_a_launcher_without_a_sweep_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["hydra/launcher=slurm", "model.hidden=8"]) == 2
    assert capsys.readouterr().err == "hydra/launcher=slurm: launches sweeps; needs -m\n"


def far(folder: Path, launch: Callable[..., Any]) -> tuple[Callable[..., Any], DictConfig]:
    """A guarded launcher, and the configuration of its sweep."""
    hydra = {
        "sweep": {"dir": str(folder)},
        "runtime": {"choices": {"hydra/launcher": "far"}},
        "overrides": {"hydra": []},
    }
    config = OmegaConf.create({"hydra": hydra})
    return guarded(SimpleNamespace(launch=launch), config), config  # type: ignore[arg-type]


def refuse(*_: Any, **__: Any) -> None:
    raise RuntimeError("the queue is closed\nand more lines")


def test_a_launcher_that_starts_nothing_is_a_bad_configuration(tmp_path: Path) -> None:
    launch, _ = far(tmp_path, refuse)
    with pytest.raises(ConfigurationError) as caught:
        launch([["seed=0"]], initial_job_idx=0)
    assert str(caught.value) == "hydra/launcher=far: the queue is closed"


def test_a_launcher_that_breaks_off_names_what_is_not_finished(tmp_path: Path) -> None:
    record_run(tmp_path / "0", header())
    Recorder(tmp_path / "1", header()).close("stopped")
    launch, _ = far(tmp_path, refuse)
    with pytest.raises(SweepError) as caught:
        launch([["seed=0"]], initial_job_idx=0)
    assert str(caught.value) == f"failed: {tmp_path}/1, far (the queue is closed)"


def test_jobs_elsewhere_write_into_the_folder_of_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    launch, config = far(Path("a 'b'"), lambda batch, initial_job_idx: [initial_job_idx, *batch])
    assert launch([["seed=0"]], initial_job_idx=7) == [7, ["seed=0"]]
    (override,) = config.hydra.overrides.hydra
    assert override == f"hydra.sweep.dir='{tmp_path}/a \\'b\\''"


def returned(status: JobStatus, value: Any, folder: str) -> JobReturn:
    job = JobReturn(status=status, hydra_cfg=OmegaConf.create({"hydra": {"runtime": {"output_dir": folder}}}))
    job.return_value = value
    return job


def test_failed_jobs_are_named() -> None:
    fine = returned(JobStatus.COMPLETED, 0, "fine")
    raise_failed([fine])
    lost = returned(JobStatus.FAILED, RuntimeError("lost\nsomewhere"), "lost")
    with pytest.raises(SweepError) as caught:
        raise_failed([fine, returned(JobStatus.COMPLETED, 1, "bad"), lost])
    assert str(caught.value) == "failed: bad, lost (lost somewhere)"


@pytest.fixture
def squeue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets what the program squeue does."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(_queue, "TICK", 0.01)
    monkeypatch.setattr(_queue, "ASK", 0.1)

    def does(script: str) -> None:
        (tmp_path / "squeue").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "squeue").chmod(0o755)

    return does


def job(folder: Path, name: str) -> Any:
    place = folder / name
    place.mkdir()
    return SimpleNamespace(
        job_id=name, paths=SimpleNamespace(folder=place, result_pickle=place / f"{name}_0_result.pkl")
    )


def test_the_queue(squeue: Callable[[str], None], tmp_path: Path) -> None:
    squeue("echo 12_0; echo 12_1; echo 3")
    assert _queue.queued() == {"12_0", "12_1", "3"}
    done, _, other = job(tmp_path, "12_0"), job(tmp_path, "12_1"), job(tmp_path, "11")
    done.paths.result_pickle.touch()
    assert _queue.open_jobs(tmp_path, {"12_0", "12_1", "3"}) == ["12_1"]
    assert other
    squeue("exit 1")
    assert _queue.queued() is None


def test_waiting_ends_with_an_answer_or_a_loss(squeue: Callable[[str], None], tmp_path: Path) -> None:
    lost, slow = job(tmp_path, "5_0"), job(tmp_path, "5_1")
    squeue(f"touch {tmp_path}/asked$(ls {tmp_path} | grep -c asked); [ -e {tmp_path}/asked3 ] && touch "
           f"{slow.paths.result_pickle}; echo 5_1")  # fmt: skip
    _queue.wait_for([lost, slow])
    assert slow.paths.result_pickle.exists()
    assert not lost.paths.result_pickle.exists()


def test_a_job_that_is_missed_once_is_not_lost_yet(squeue: Callable[[str], None], tmp_path: Path) -> None:
    one = job(tmp_path, "5")
    squeue(f"[ -e {tmp_path}/missed ] && touch {one.paths.result_pickle}; touch {tmp_path}/missed")
    _queue.wait_for([one])
    assert one.paths.result_pickle.exists()


def test_a_silent_queue_loses_no_job(squeue: Callable[[str], None], tmp_path: Path) -> None:
    one = job(tmp_path, "5")
    squeue(f"[ -e {tmp_path}/silent ] && touch {one.paths.result_pickle}; touch {tmp_path}/silent; exit 1")
    began = time.monotonic()
    _queue.wait_for([one])
    assert one.paths.result_pickle.exists()
    assert time.monotonic() - began > 0.2, "it did not wait for the second question"


def test_a_job_that_slurm_lost_is_named_by_its_folder_and_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: Any = SimpleNamespace(job_id="5_3", paths=SimpleNamespace(result_pickle=tmp_path / "none", stderr="5_3.err"))
    composed = OmegaConf.create({"seed": 0, "hydra": {"runtime": {"output_dir": "sweep/3"}}})
    monkeypatch.setattr("hydra_plugins.lth_launcher.slurm.composed", lambda *_: composed)
    launcher = object.__new__(SlurmLauncher)
    launcher.config = launcher.hydra_context = None  # type: ignore[assignment]
    with pytest.raises(SweepError) as caught:
        raise_failed([launcher._answer(gone, ["seed=0"], 3)])
    assert str(caught.value) == "failed: sweep/3 (Slurm's job 5_3 ended before it was done; its log is 5_3.err)"
