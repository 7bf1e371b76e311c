"""A GPU goes on for several epochs before the host looks: a seed that is over by then stays as it was."""

from dataclasses import replace
from pathlib import Path

import pytest

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.jobs.split import job_of
from lth.stack.torch import Batched
from lth.training.job import Job
from tests.small_jobs import run, small_job, without_kernel
from tests.training.test_gpu import PRESET
from tests.training.test_stack_of_seeds import VARIANTS, assert_same_bits


def assert_looks_change_nothing(job: Job, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train it with a look after every epoch and after eight, as a CPU and a GPU do, and compare."""
    seldom = replace(job, folder=folder)
    with without_kernel():
        run(job)
        monkeypatch.setattr(Batched, "_on_gpu", property(lambda _: True))
        monkeypatch.setattr("lth.stack.torch.replayed", lambda work, _: work)
        run(seldom)
    for seed in job.seeds:
        assert_same_bits(job, seldom, seed)


@pytest.mark.parametrize(
    "variant", ["best weights", "late rewinding", "the optimiser goes on", "momentum goes on", "noise"]
)
def test_variants(variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = small_job(tmp_path / "often", levels=2, seeds=(0, 2), **VARIANTS[variant])
    assert_looks_change_nothing(job, tmp_path / "seldom", monkeypatch)


@pytest.mark.parametrize("name", ["flipout", "sign_flip", "sparse_vd_open", "bayes_continuous", "every_epoch", "bimt"])
def test_presets(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(prepare(compose([f"pruning={name}", *PRESET]), tmp_path / "often"), "cpu")
    assert_looks_change_nothing(job, tmp_path / "seldom", monkeypatch)
