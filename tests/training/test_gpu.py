"""Training on a GPU: epochs replayed as one graph, and in float64 the numbers of the CPU to rounding."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import lth.stack.torch
from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.jobs.split import job_of
from lth.method.stopping import StoppingRule
from lth.settings.conf import presets
from lth.stack.replay import replayed
from lth.ticket import Ticket, path_of
from lth.training.job import Job
from tests.small_jobs import run, small_job, tickets
from tests.training.test_stack_of_seeds import VARIANTS, assert_same_bits

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
PRESET = (
    "model.hidden=13", "seed=0..2", "dataset.n_train=120", "dataset.n_val=80", "dataset.n_test=60", "tracking=off",
    "trainer.max_epochs=4", "trainer.patience=4", "trainer.precision=float64",
)  # fmt: skip


def assert_equal_to_rounding(ours: Ticket, theirs: Ticket) -> None:
    """The same masks, and weights and losses that differ by no more than sums in another order."""
    for mask, other in zip(ours.masks, theirs.masks, strict=True):
        np.testing.assert_array_equal(mask, other)
    for weight, other in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.epochs, theirs.epochs, rtol=1e-6, atol=1e-9)


def assert_equal_on_both(cpu: Job, folder: Path) -> None:
    """Train the job as it is and on a GPU: every level of every seed is the same to rounding."""
    gpu = replace(cpu, folder=folder, accelerator="gpu")
    run(cpu)
    run(gpu)
    for seed in cpu.seeds:
        for ours, theirs in zip(tickets(cpu, seed), tickets(gpu, seed), strict=True):
            assert_equal_to_rounding(ours, theirs)


def test_a_captured_epoch_is_an_eager_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    captured, eager = (
        small_job(tmp_path / name, accelerator="gpu", stopping=StoppingRule(3, 23)) for name in ("captured", "eager")
    )
    recorded = []
    monkeypatch.setattr(lth.stack.torch, "replayed", lambda *given: recorded.append(0) or replayed(*given))
    run(captured)
    assert recorded, "no epoch was ever recorded"
    monkeypatch.setattr(lth.stack.torch, "replayed", lambda work, _: work)
    run(eager)
    for seed in eager.seeds:
        assert_same_bits(captured, eager, seed)


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants(variant: str, tmp_path: Path) -> None:
    cpu = small_job(tmp_path / "cpu", levels=2, **{"precision": "float64", **VARIANTS[variant]})
    assert_equal_on_both(cpu, tmp_path / "gpu")


@pytest.mark.parametrize("name", presets("pruning"))
def test_presets(name: str, tmp_path: Path) -> None:
    cpu = job_of(prepare(compose([f"pruning={name}", *PRESET]), tmp_path / "cpu"), "cpu")
    assert_equal_on_both(cpu, tmp_path / "gpu")


def test_a_resumed_run_goes_on(tmp_path: Path) -> None:
    whole = small_job(tmp_path / "whole", levels=2, accelerator="gpu", precision="float64")
    run(whole)
    cut = replace(whole, folder=tmp_path / "cut", first_level=2)
    for seed in cut.seeds:
        for level in (0, 1):
            path = path_of(cut.folder, seed, level)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(path_of(whole.folder, seed, level).read_bytes())
    run(cut)
    for seed in cut.seeds:
        assert_equal_to_rounding(tickets(whole, seed)[2], tickets(cut, seed)[2])
