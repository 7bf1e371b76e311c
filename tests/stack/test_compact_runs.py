"""Whole runs in which neurons are left out of training, and those in which none may be."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lth.training.module
from lth.method.extension import Ladder
from lth.method.penalty.l1 import L1
from lth.method.stopping import StoppingRule
from lth.stack.packing import Packing
from lth.stack.substack import SubStack
from lth.training.job import Job
from tests.small_jobs import flat, run, small_job, tickets, unpruned
from tests.training.test_stack_of_seeds import assert_same_bits

RESTLESS = partial(torch.optim.Adam, lr=0.05, fused=True)


def packings(monkeypatch: pytest.MonkeyPatch, job: Job) -> list[tuple[Packing, int]]:
    """How the seeds of each sub-stack of a run were packed, and how many they were."""
    seen: list[tuple[Packing, int]] = []
    original = SubStack.__init__

    def init(self: SubStack, members: list, packing: Packing, *rest: object) -> None:
        seen.append((packing, len(members)))
        original(self, members, packing, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(SubStack, "__init__", init)
    run(job)
    return seen


def rung(folder: Path, **changes: Any) -> Job:
    """The last levels of h = 104: from few weights on, most neurons are silent."""
    keeps = Ladder(base=8, rate=0.32, depth=2, d_in=4, d_out=2).keeps(104)
    changes = {"seeds": (0, 1), "stopping": StoppingRule(9, 1), "keeps": (keeps[0], *keeps[-4:]), **changes}
    return small_job(folder, (104, 104), **changes)


def test_silent_neurons_are_left_out_of_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = packings(monkeypatch, rung(tmp_path))
    assert seen[0][0].widths == (4, 104, 104, 2)
    assert min(packing.size for packing, _ in seen) < seen[0][0].size / 2


OTHERS = {
    "switched off": {"compact": False},
    "weight decay": {"optimizer": partial(torch.optim.AdamW, lr=1e-3, weight_decay=0.1, fused=True)},
    "decay in the gradient": {"optimizer": partial(torch.optim.SGD, lr=1e-3, weight_decay=0.1, fused=True)},
    "penalty": {"penalty": L1(strength=1e-4)},
}


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_left_out_where_more_than_gradients_move_weights(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = packings(monkeypatch, rung(tmp_path, **OTHERS[name]))
    assert {packing.widths for packing, _ in seen} == {(4, 104, 104, 2)}
    assert not any(any(packing.patterns) for packing, _ in seen)


@pytest.mark.parametrize("hidden", [(8,), (8, 8), (9, 8, 7)])
def test_networks_that_fall_apart_train_on(hidden: tuple[int, ...], tmp_path: Path) -> None:
    """Down to a single weight: layers without any, outputs that only their biases move."""
    make = partial(small_job, hidden=hidden, precision="float64", bias_init="normal", seeds=(0, 1))
    count = sum(a * b for a, b in zip((4, *hidden), (*hidden, 2), strict=True))
    compact = make(tmp_path / "compact", keeps=(count, 12, 3, 1))
    full = make(tmp_path / "full", keeps=(count, 12, 3, 1), compact=False)
    run(compact)
    run(full)
    for seed in (0, 1):
        for a, b in zip(tickets(compact, seed), tickets(full, seed), strict=True):
            np.testing.assert_array_equal(unpruned(a), unpruned(b))
            np.testing.assert_allclose(flat(a.weights, a.biases), flat(b.weights, b.biases), rtol=1e-7, atol=1e-10)
            np.testing.assert_allclose(a.epochs[:, :2], b.epochs[:, :2], rtol=1e-8)


def test_equal_shapes_train_in_one_stack_and_large_ones_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stacks are cut where they outgrow the cache, and results do not show it."""
    whole = small_job(tmp_path / "whole", seeds=(0, 1, 2, 3, 4), levels=1)
    assert packings(monkeypatch, whole)[0][1] == 5
    monkeypatch.setattr(lth.training.module, "best_seeds", lambda widths, batch_size: 2)
    parts = replace(whole, folder=tmp_path / "parts")
    assert [count for _, count in packings(monkeypatch, parts)][:3] == [2, 2, 1]
    for seed in whole.seeds:
        assert_same_bits(whole, parts, seed)
