"""Weights that share a mixture: what it costs, which are kept, and what they collapse to."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.jobs.split import job_of
from lth.method.clock.one_shot import OneShot
from lth.method.criterion.component import Component
from lth.method.effective.shared_mixture import SharedMixture
from lth.method.layout import Layout
from lth.method.mixture import Components
from lth.method.penalty.mixture import Mixture
from lth.method.restart.collapse import Collapse
from lth.method.restart.restart import Pruned
from lth.method.state import State
from tests.method.test_criteria import candidates
from tests.small_jobs import run, small_job, tickets, unpruned

LAYOUT = Layout((4, 30, 2))
PENALTY = Mixture(1.0, zero_shape=50, zero_rate=0.02, shape=3, rate=0.001)


def state(components: int = 5, seeds: int = 2) -> State:
    draw = torch.Generator().manual_seed(1)
    weight = torch.randn(seeds, LAYOUT.size, generator=draw).double() * 0.5
    found = {"weight": weight, **SharedMixture(components=components, zero=0.7).begin(weight, LAYOUT)}
    for name in ("means", "log_deviations", "logits"):
        found[name] = found[name] + 0.1 * torch.randn(weight.shape, generator=draw).double()
    return found


def test_the_joint_density_is_scipys() -> None:
    found = Components.of(state())
    assert torch.allclose(found.log_shares.exp().sum(dim=1), torch.ones(2).double())
    assert not found.means[:, 0].any()
    weights = state()["weight"]
    joint = found.log_joint(weights)[:, :, : LAYOUT.size]
    for component in range(6):
        known = stats.norm.logpdf(weights[1], found.means[1, component], found.log_deviations[1, component].exp())
        np.testing.assert_allclose(joint[1, component], known + found.log_shares[1, component].item())


def test_the_share_of_zero_stays_and_the_others_share_the_rest() -> None:
    started = SharedMixture(components=16, zero=0.99).begin(torch.zeros(1, LAYOUT.size).double(), LAYOUT)
    shares = Components.of(started).log_shares.exp()[0]
    assert shares[0].item() == pytest.approx(0.99)
    assert torch.allclose(shares[1:], torch.full((16,), 0.01 / 16).double())


def test_the_price_is_the_posterior() -> None:
    raw = {name: rows.requires_grad_() if rows.is_floating_point() else rows for name, rows in state().items()}
    mask = LAYOUT.is_weight(LAYOUT.size).expand(2, -1)
    value = PENALTY.penalty({**raw, "observations": torch.tensor(1.0)}, mask, LAYOUT)
    found = Components.of(raw)
    density = found.log_joint(raw["weight"]).exp().sum(dim=1)[:, : LAYOUT.size].log()
    precision = (-2 * found.log_deviations).exp().detach().numpy()
    prior = stats.gamma.logpdf(precision[:, 0], 50, scale=1 / 0.02)
    prior = prior + stats.gamma.logpdf(precision[:, 1:], 3, scale=1 / 0.001).sum(axis=1)
    known = -(density * mask).sum(dim=1).detach().numpy() - prior
    assert (value.detach().numpy() - known)[0] == pytest.approx((value.detach().numpy() - known)[1])
    gradients = torch.autograd.grad(value.sum(), [raw["means"], raw["logits"], raw["log_deviations"], raw["weight"]])
    assert not gradients[0][:, 0].any(), "the mean at 0 stays there"
    assert not gradients[1][:, 0].any(), "and so does its share"
    assert all(gradient.abs().max() > 0 for gradient in gradients)
    assert not any(gradient[:, 6:].any() for gradient in gradients[:3])


def test_what_the_component_at_zero_holds_goes_first() -> None:
    stack = candidates(rows=2)
    rule = SharedMixture(components=4, zero=0.5, spread=1, deviation=0.1)
    stack.whole.state.update(rule.begin(stack.whole.state["weight"], stack.whole.layout))
    stack = replace(stack, trained=torch.linspace(-1, 1, stack.trained.shape[1]).expand(2, -1).clone())
    scores = Component().score(stack)
    assert (scores[stack.trained.abs() < 0.1] < 0).all()
    assert (scores[(stack.trained.abs() - 1 / 3).abs() < 0.05] > 0).all()


def test_kept_weights_collapse_to_the_means() -> None:
    found, mask = state(), torch.ones(2, LAYOUT.size, dtype=torch.bool)
    stack = Pruned(found["weight"], found["weight"], mask, LAYOUT, (0, 1), 1, lambda: mask, state=found)
    values, means = Collapse().restart(stack), Components.of(found).means
    weights = values[:, LAYOUT.prunable(biases=False)]
    for row in range(2):
        assert torch.isin(weights[row], means[row, 1:]).all()
        assert len(weights[row].unique()) == 5
    biases = ~LAYOUT.is_weight(LAYOUT.size)[0]
    assert torch.equal(values[:, biases], found["weight"][:, biases])


def test_a_network_collapses_when_it_is_pruned(tmp_path: Path) -> None:
    job = small_job(
        tmp_path, clock=OneShot(epochs=0), criterion=Component(), restart=Collapse(), seeds=(0, 1),
        effective=SharedMixture(components=6, spread=1.0), penalty=PENALTY,
        optimizer=partial(torch.optim.Adam, lr=0.02), keeps=(352, 90),
    )  # fmt: skip
    run(job)
    for seed in job.seeds:
        dense, sparse = tickets(job, seed)
        assert sparse.row["keep"] == 90
        assert sparse.row["epochs"] == 0
        kept = np.concatenate([weight.ravel() for weight in sparse.weights])
        assert len(np.unique(kept)) <= 7
        assert (kept != 0).sum() == 90
        assert len(np.unique(np.concatenate([weight.ravel() for weight in dense.weights]))) == 352


def test_the_mixture_moves_whatever_is_pruned(tmp_path: Path) -> None:
    job = small_job(
        tmp_path, clock=OneShot(), criterion=Component(), restart=Collapse(), effective=SharedMixture(components=6),
        penalty=PENALTY, optimizer=partial(torch.optim.Adam, lr=0.02), keeps=(352, 4), seeds=(0,),
    )  # fmt: skip
    run(job)
    dense, sparse = tickets(job, 0)
    pruned = ~unpruned(sparse)[:7]
    assert pruned[1:].sum() > 3, "little was pruned in the places of the mixture: little was tried"
    moved = {name: dense.state[name][:7] != sparse.state[name][:7] for name in ("means", "log_deviations", "logits")}
    assert moved["log_deviations"].all()
    for name in ("means", "logits"):
        assert moved[name][pruned].any()
        assert not moved[name][0]


@pytest.mark.parametrize(
    ("part", "wrong", "said"),
    [
        (SharedMixture, {"components": 0}, "components=0"),
        (SharedMixture, {"zero": 1.0}, "zero=1.0"),
        (SharedMixture, {"deviation": 0.0}, "deviation=0.0"),
        (partial(replace, PENALTY), {"shape": 0.5}, "shape=0.5"),
        (partial(replace, PENALTY), {"zero_rate": 0.0}, "zero_rate=0.0"),
        (OneShot, {"epochs": -1}, "epochs=-1"),
    ],
)
def test_ranges(part: type, wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        part(**wrong)


@pytest.mark.slow
def test_the_weights_that_stay_are_the_largest(tmp_path: Path) -> None:
    """Where the components start wider than the weights are, all come close to 0, and the largest weights go."""
    given = ["pruning=soft_weight_sharing", "dataset=digits", "model.hidden=[100,100]", "tracking=off", "seed=0"]
    given += ["pruning/schedule=density", "pruning.schedule.density=0.05", "trainer.max_epochs=40"]
    job = job_of(prepare(compose(given), tmp_path), "cpu")
    run(job)
    dense, sparse = tickets(job, 0)
    before = np.concatenate([np.abs(weight).ravel() for weight in dense.weights])
    kept = np.concatenate([mask.ravel() for mask in sparse.masks])
    largest = before >= np.sort(before)[-kept.sum()]
    assert (kept & largest).sum() > 0.8 * kept.sum()
    assert sparse.row["test_accuracy"] > 0.8
