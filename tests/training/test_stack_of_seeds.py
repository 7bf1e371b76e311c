"""The promise of the project: on a CPU in float32 a seed's bits are the same whatever it is stacked with."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.data.digits import build as digits
from lth.data.symbolic import build_symbolic
from lth.method.penalty.l1 import L1
from lth.method.restart.late import Late
from lth.method.restart.onward import Onward
from lth.method.restart.reinit import Reinit
from lth.method.step.noise import Noise
from lth.method.stopping import StoppingRule
from lth.training.job import Job
from tests.small_jobs import ladder_job, moons_circles, run, small_job, tickets, without_kernel


def assert_same_bits(left: Job, right: Job, seed: int) -> None:
    """The same tickets, byte by byte: masks, weights, anchors, epoch curves, rows."""
    for ours, theirs in zip(tickets(left, seed), tickets(right, seed), strict=True):
        for part in ("masks", "weights", "biases", "anchors", "anchor_biases"):
            for layer, (a, b) in enumerate(zip(getattr(ours, part), getattr(theirs, part), strict=True)):
                np.testing.assert_array_equal(a, b, err_msg=f"seed {seed}, level {ours.level}, {part} {layer}")
        np.testing.assert_array_equal(ours.epochs, theirs.epochs)
        assert ours.row == theirs.row


def check(make: object, seeds: tuple[int, ...], folder: Path, alone: tuple[int, ...] | None = None) -> Job:
    """Stack `seeds`, then run some of them alone and some in another company and order."""
    stacked = make(folder / "stacked", seeds=seeds)  # type: ignore[operator]
    run(stacked)
    for seed in alone or seeds:
        single = make(folder / f"alone{seed}", seeds=(seed,))  # type: ignore[operator]
        run(single)
        assert_same_bits(stacked, single, seed)
    company = (*seeds[1::-1], 99)
    other = make(folder / "company", seeds=company)  # type: ignore[operator]
    run(other)
    for seed in company[:-1]:
        assert_same_bits(stacked, other, seed)
    return stacked


FAST = partial(torch.optim.Adam, lr=0.02, fused=True)


@pytest.mark.parametrize(("hidden", "seeds"), [(8, tuple(range(16))), (38, tuple(range(7))), (104, (0, 1, 2))])
def test_ladder_sizes(hidden: int, seeds: tuple[int, ...], tmp_path: Path) -> None:
    make = partial(ladder_job, hidden=hidden, optimizer=FAST, stopping=StoppingRule(patience=2, max_epochs=40))
    job = check(make, seeds, tmp_path, alone=seeds[:3])
    stops = {len(ticket.epochs) for seed in seeds for ticket in tickets(job, seed)}
    assert len(stops) > 1, "all seeds stopped at the same epoch: leaving the stack was not tried"


VARIANTS = {
    "odd batches": {"batch_size": 60},
    "odd samples": {"dataset": moons_circles(n_train=203, n_val=177, n_test=91), "batch_size": 77},
    "best weights": {"restore_best": True},
    "late rewinding": {"restart": Late(step=10)},
    "no rewinding": {"restart": Onward()},
    "the optimiser goes on": {"restart": Onward(carried=True)},
    "momentum goes on": {"restart": Onward(carried=True), "optimizer": partial(torch.optim.SGD, lr=0.1, momentum=0.9)},
    "an optimiser that the kernel does not know": {"optimizer": partial(torch.optim.NAdam, lr=1e-3)},
    "noise": {"step": Noise()},
    "reinitialisation": {"restart": Reinit()},
    "layerwise": {"scope": "layerwise"},
    "biases too": {"biases": True, "bias_init": "normal"},
    "momentum": {"optimizer": partial(torch.optim.SGD, lr=0.1, momentum=0.9, fused=True)},
    "weight decay": {"optimizer": partial(torch.optim.AdamW, lr=1e-3, weight_decay=0.1, fused=True)},
    "penalty": {"penalty": L1(strength=1e-4)},
    "three layers": {"hidden": (8, 12, 7)},
    "float64": {"precision": "float64"},
    "values": {"dataset": build_symbolic(n_train=200, n_val=150, n_test=50)},
    "classes": {"dataset": digits(tasks=["digits", "turned"], n_train=300, n_val=150, n_test=150), "hidden": (24,)},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants(variant: str, tmp_path: Path) -> None:
    check(partial(small_job, **VARIANTS[variant]), (0, 1, 2, 3), tmp_path, alone=(0, 3))  # type: ignore[arg-type]


@pytest.mark.parametrize("variant", ["odd batches", "best weights", "late rewinding", "penalty", "classes", "noise"])
def test_variants_without_the_kernel(variant: str, tmp_path: Path) -> None:
    with without_kernel():
        check(partial(small_job, levels=1, **VARIANTS[variant]), (0, 1, 2, 3), tmp_path, alone=(0,))  # type: ignore[arg-type]


def test_sparse_seeds(tmp_path: Path) -> None:
    make = partial(small_job, hidden=(160, 150), levels=6)
    job = check(make, (0, 1, 2), tmp_path, alone=(1,))
    assert tickets(job, 1)[5].masks[1].mean() < 0.15, "the hidden layer was never sparse enough for sparse products"
