"""What a GPU does otherwise, tried without one: seeds in one batch, epochs between two looks, an epoch recorded once.

A recorded epoch takes with it what the host knew when it was recorded.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.jobs.split import job_of
from lth.method.stopping import StoppingRule
from lth.stack.torch import GPU_EPOCHS, Batched
from lth.training.job import Job
from tests.small_jobs import run, small_job, tickets, without_kernel
from tests.training.test_gpu import PRESET, assert_equal_to_rounding
from tests.training.test_stack_of_seeds import FAST, VARIANTS

# A method that counts a seed's steps, and an optimiser that counts its own on the host, know more at every epoch.
NEVER_RECORDED = {"an optimiser that the kernel does not know", "noise", "penalty"}
PRESETS = {"flipout": False, "sign_flip": False, "sparse_vd_open": False, "bayes_continuous": False, "bimt": False,
           "every_epoch": True}  # fmt: skip


def assert_as_on_a_cpu(job: Job, folder: Path, monkeypatch: pytest.MonkeyPatch, *, recorded: bool = True) -> None:
    """Train each seed alone with a look after every epoch, and as a GPU would: the same to rounding.

    `recorded` says whether epochs can be.
    """
    other, recordings = replace(job, folder=folder), []

    def record(work: Callable[[], None], _: torch.optim.Optimizer) -> Callable[[], None]:
        """Like `replayed`: `work` is bound to what the host knew at the time of recording."""
        recordings.append(work)
        return work

    with without_kernel():
        run(job)
        monkeypatch.setattr(Batched, "_on_gpu", property(lambda _: True))
        monkeypatch.setattr("lth.stack.begin.in_one_batch", lambda _: True)
        monkeypatch.setattr("lth.stack.torch.replayed", record)
        run(other)
    assert bool(recordings) == recorded
    for seed in job.seeds:
        for ours, theirs in zip(tickets(job, seed), tickets(other, seed), strict=True):
            assert_equal_to_rounding(ours, theirs)


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants(variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"precision": "float64", "seeds": tuple(range(5)), "stopping": StoppingRule(3, 40), **VARIANTS[variant]}
    job = small_job(tmp_path / "often", levels=2, **given)
    assert_as_on_a_cpu(job, tmp_path / "seldom", monkeypatch, recorded=variant not in NEVER_RECORDED)


def test_seeds_leave_at_several_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = StoppingRule(patience=2, max_epochs=60)
    job = small_job(tmp_path / "often", levels=1, seeds=tuple(range(8)), optimizer=FAST, stopping=rule,
                    precision="float64")  # fmt: skip
    assert_as_on_a_cpu(job, tmp_path / "seldom", monkeypatch)
    looks = {-(-len(tickets(job, seed)[0].epochs) // GPU_EPOCHS) for seed in job.seeds}
    assert len(looks) > 2, "the stack never became smaller twice"


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(prepare(compose([f"pruning={name}", *PRESET]), tmp_path / "often"), "cpu")
    assert_as_on_a_cpu(job, tmp_path / "seldom", monkeypatch, recorded=PRESETS[name])
