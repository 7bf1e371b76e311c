"""Layers that fall at rates of their own, from the key to the masks."""

from pathlib import Path

import pytest

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.jobs.split import job_of
from tests.small_jobs import run, tickets

BY_LAYER = ("pruning/schedule=by_layer", "pruning.scope=layerwise")


def test_lenet_keeps_the_published_shares(tmp_path: Path) -> None:
    given = (
        "dataset=mnist1d",
        "dataset.n_train=784",
        "dataset.n_val=10",
        "dataset.n_test=10",
        "model.hidden=[300,100]",
    )
    plan = prepare(compose([*given, *BY_LAYER, "dataset.noise_inputs=744"]), tmp_path)
    assert plan.shape == (784, 300, 100, 10)
    shares = [round(100 * keep / plan.keeps[0], 1) for keep in plan.keeps]
    assert [shares[level] for level in (3, 7, 9, 15)] == [51.3, 21.1, 13.5, 3.6]


@pytest.mark.parametrize(("rate", "output_rate"), [(0.4, 0.2), (0.2, 0.4), (0.3, 0.3)])
def test_each_layer_of_a_run_falls_at_its_own_rate(rate: float, output_rate: float, tmp_path: Path) -> None:
    rates = (
        f"pruning.schedule.rate={rate}",
        f"pruning.schedule.output_rate={output_rate}",
        "pruning.schedule.levels=3",
    )
    small = ("model.hidden=[30,40]", "seed=0..1", "trainer.max_epochs=2", "dataset.n_train=64", "tracking=off")
    job = job_of(prepare(compose([*BY_LAYER, *rates, *small]), tmp_path), "cpu")
    run(job)
    for ticket in tickets(job, 1):
        for layer, mask in enumerate(ticket.masks):
            own = output_rate if layer == 2 else rate
            assert abs(mask.sum() - mask.size * (1 - own) ** ticket.level) < 2
