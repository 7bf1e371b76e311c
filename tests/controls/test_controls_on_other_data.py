"""Controls that are trained on other data: inputs in another order, and data that are drawn anew."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.controls.known import Control
from lth.controls.table import METRICS
from lth.data import Dataset, Split
from lth.method.clock.every_epoch import EveryEpoch
from lth.method.clock.search import Search
from lth.method.effective.freeze import Freeze
from lth.method.effective.shared_mixture import SharedMixture
from lth.method.penalty.mixture import Mixture
from lth.method.restart.held_at_zero import HeldAtZero
from lth.method.restart.onward import Onward
from lth.method.restart.reinit import Reinit
from lth.randomness import generator
from tests.controls.controlled import row_of
from tests.small_jobs import moons_circles, run, small_job

RESTLESS = partial(torch.optim.Adam, lr=0.02, fused=True)
VARIANTS = {
    "rewound": {},
    "drawn anew": {"restart": Reinit()},
    "in parts, the optimiser going on": {
        "clock": EveryEpoch(every=2, prunings=3), "restart": Onward(carried=True),
    },
    "in parts, rewound": {"clock": Search()},
    "held": {"effective": Freeze(), "clock": EveryEpoch(every=2, prunings=2), "restart": HeldAtZero()},
    "numbers in common": {
        "effective": SharedMixture(), "penalty": Mixture(0.001, 5000.0, 2.0, 250.0, 0.1), "restart": Onward(),
    },
}  # fmt: skip


def with_inputs(dataset: Dataset, order: np.ndarray) -> Dataset:
    """The dataset with its inputs in this order; the tasks keep the places that they had."""
    parts = {name: getattr(dataset, name) for name in ("train", "val", "test")}
    return replace(dataset, **{name: Split(part.x[:, order], part.y) for name, part in parts.items()})


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_permuted_ticket_is_the_ticket_on_shuffled_inputs(variant: str, tmp_path: Path) -> None:
    job = small_job(tmp_path, precision="float64", optimizer=RESTLESS, **VARIANTS[variant])
    run(job)
    order = torch.randperm(4, generator=generator(1, "permute", 2)).numpy()
    assert order.tolist() != [0, 1, 2, 3]
    moved = row_of(job, "permuted")
    on_others = row_of(replace(job, dataset=with_inputs(job.dataset, np.argsort(order))), "fresh-ticket")
    assert moved["val_loss"] != pytest.approx(row_of(job, "ticket")["val_loss"], rel=1e-3)
    assert moved["epochs"] == on_others["epochs"]
    for name in ("train_loss", "val_loss", "test_loss"):
        assert moved[name] == pytest.approx(on_others[name], rel=1e-9)


def test_controls_on_fresh_data_differ_from_the_others_in_the_data_alone(tmp_path: Path) -> None:
    job = small_job(tmp_path)
    run(job)
    other = replace(job, dataset=moons_circles(seed=5))
    pairs: dict[Control, Control] = {"fresh-ticket": "ticket", "fresh-reinit": "reinit"}
    for fresh, own in pairs.items():
        on_own, wanted = row_of(job, fresh), row_of(job, own)
        assert {name: on_own[name] for name in METRICS} == {name: wanted[name] for name in METRICS}
        assert row_of(other, fresh)["test_loss"] != on_own["test_loss"]
        assert row_of(other, fresh)["winning"] is None
    dense = row_of(other, "fresh-dense")
    assert dense["keep"] == job.keeps[0]
