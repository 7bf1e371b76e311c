"""Gem-Miner: scores that round to masks over weights that never train, and the lowest of which go for good."""

from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.data.digits import build as digits
from lth.method.clock.freezing import Freezing
from lth.method.clock.search import Search
from lth.method.criterion.criterion import Candidates, Network
from lth.method.criterion.magnitude import Magnitude
from lth.method.criterion.scores import Scores
from lth.method.effective.gem_miner import GemMiner
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.l1 import L1
from lth.method.penalty.l2 import L2
from lth.method.prune import prune
from lth.method.restart.onward import Onward
from lth.method.restart.reset import Reset
from lth.method.step.bounds import Bounds
from lth.method.step.noise import Noise
from lth.training.job import Job
from lth.training.mlp import initial_rows
from tests.small_jobs import flat, moons_circles, run, run_by_both, small_job, tickets, unpruned

LAYOUT = Layout((4, 8, 3))
PARTS = {
    "clock": Freezing(2, 2), "criterion": Scores(), "restart": Onward(carried=True), "step": Bounds("scores", 0.0, 1.0),
    "effective": GemMiner(), "penalty": L2(1e-3, "scores"),
    "optimizer": partial(torch.optim.SGD, lr=0.1, momentum=0.9),
}  # fmt: skip


def raw(goal: int = 14) -> dict[str, Tensor]:
    draw = torch.Generator().manual_seed(3)
    anchor, scores = torch.randn(2, LAYOUT.size, generator=draw), torch.rand(2, LAYOUT.size, generator=draw)
    mask = torch.ones(2, LAYOUT.size, dtype=torch.bool)
    mask[:, :5] = False
    return {
        "anchor": anchor, "weight": anchor * mask, "scores": scores, "mask": mask, "goal": torch.full((2,), goal),
    }  # fmt: skip


def weights_only(rows: Tensor) -> Tensor:
    return rows[:, LAYOUT.prunable(biases=False)]


def mined(folder: Path, **changes: object) -> Job:
    """Digits by 64-48-10, down to a tenth in three levels."""
    count = 64 * 48 + 48 * 10
    keeps = tuple(round(count * 0.1 ** (level / 3)) for level in range(4))
    dataset = digits(tasks=["digits"], n_train=1077, n_val=360, n_test=360)
    parts = {**PARTS, "clock": Freezing(5, 4), **changes}
    return small_job(folder, (48,), dataset=dataset, keeps=keeps, seeds=(0, 1), bias_init="uniform",
                     degrade_on="outputs", **parts)  # fmt: skip


def test_an_untrained_network_with_a_tenth_of_its_weights_answers_far_above_chance(tmp_path: Path) -> None:
    job = mined(tmp_path)
    run(job)
    for seed in job.seeds:
        found = tickets(job, seed)
        assert [ticket.row["keep"] for ticket in found] == list(job.keeps)
        assert found[0].row["test_accuracy"] < 0.25
        assert found[-1].row["test_accuracy"] > 0.75
        assert found[0].row["epochs"] == 0
        assert [ticket.row["epochs"] for ticket in found[1:]] == [20] * 3


@pytest.mark.parametrize("rule", [GemMiner(), GemMiner(signed=False), GemMiner(rescaled=True)], ids=repr)
def test_weights_are_those_that_were_drawn_and_all_that_is_kept_computes(rule: GemMiner, tmp_path: Path) -> None:
    job = small_job(tmp_path, **{**PARTS, "effective": rule})
    run(job)
    drawn = initial_rows(job.widths, job.seeds)
    for seed, row in zip(job.seeds, drawn.numpy(), strict=True):
        for ticket in tickets(job, seed):
            kept = unpruned(ticket)
            assert np.array_equal(ticket.state["raw"], row * kept)
            assert np.array_equal(flat(ticket.anchors, ticket.anchor_biases), row)
            shown = flat(ticket.weights, ticket.biases)
            assert (np.sign(shown) == np.sign(row * kept)).all()
            assert rule != GemMiner(signed=False) or np.array_equal(shown, row * kept)


def test_scores_stay_in_their_range_and_go_on_at_every_pruning(tmp_path: Path) -> None:
    job = small_job(tmp_path, **PARTS)
    run(job)
    begun = GemMiner().begin(initial_rows(job.widths, [0]), Layout(job.widths))["scores"][0].numpy()
    assert np.array_equal(tickets(job, 0)[0].state["scores"], begun)
    for before, after in pairwise(tickets(job, 0)):
        scores = after.state["scores"]
        assert scores.min() >= 0
        assert scores.max() <= 1
        gone = ~unpruned(before)
        assert np.array_equal(scores[gone], before.state["scores"][gone]), "what is frozen moved"
        assert not np.array_equal(scores[~gone], before.state["scores"][~gone])


def test_scores_start_evenly_spread_whatever_the_layer() -> None:
    begun = GemMiner().begin(initial_rows(LAYOUT.widths, [1, 2]), LAYOUT)["scores"]
    for layer in range(LAYOUT.depth):
        block = LAYOUT.weight(begun, layer).flatten(1).sort(dim=1).values
        size = block.shape[1]
        assert torch.allclose(block, (torch.arange(size) + 0.5).expand(2, size) / size)


def test_a_weight_is_used_where_its_score_rounds_to_one() -> None:
    state = raw()
    shown = weights_only(GemMiner(signed=False).weights(state, LAYOUT, []))
    chosen = weights_only((state["scores"] >= 0.5) & state["mask"])
    assert torch.equal(shown, weights_only(state["anchor"]) * chosen)


def test_a_score_feels_what_its_weight_would() -> None:
    state, pull = raw(), torch.randn(2, LAYOUT.size, generator=torch.Generator().manual_seed(9))
    scores = state["scores"].clone().requires_grad_()
    shown = GemMiner(signed=False).weights({**state, "scores": scores}, LAYOUT, [])
    (felt,) = torch.autograd.grad((shown * pull).sum(), scores)
    assert torch.equal(weights_only(felt), weights_only(pull * state["anchor"] * state["mask"]))


@pytest.mark.parametrize("goal", [1, 14, 40, 51])
def test_never_fewer_are_measured_than_will_be_left(goal: int) -> None:
    state = raw(goal)
    shown = weights_only(GemMiner().measured(state, LAYOUT)) != 0
    scores, unpruned_ = weights_only(state["scores"]), weights_only(state["mask"])
    for row, score, left in zip(shown, scores, unpruned_, strict=True):
        high = (score >= 0.5) & left
        assert int(row.sum()) == max(goal, int(high.sum()))
        assert row[high].all()
        assert row.sum() == left.sum() or score[row].min() > score[left & ~row].max()


def test_equal_scores_go_by_lot() -> None:
    """At 0 and at 1 many scores are equal; the first layer must not pay for that."""
    widths = (30, 30, 30)
    layout = Layout(widths)
    rows = torch.zeros(2, layout.size)
    state = {"weight": rows, "scores": rows, "mask": torch.ones_like(rows, dtype=torch.bool)}
    index = layout.prunable(biases=False)
    network = Network(state, layout, index, moons_circles())
    left = torch.ones(2, 1800, dtype=torch.bool)
    stack = Candidates(rows[:, index], rows[:, index], left, (900, 900), (4, 7), 1, network)
    kept = prune(Scores().score(stack), left, 900)
    assert (abs(kept[:, :900].sum(dim=1) - 450) < 60).all()
    assert not torch.equal(kept[0], kept[1])
    assert torch.equal(Scores().score(stack), Scores().score(stack))


def test_the_kernel_and_pytorchs_path_agree(tmp_path: Path) -> None:
    dataset = digits(tasks=["digits"], n_train=200, n_val=100, n_test=100)
    ours, theirs = run_by_both(tmp_path, (12,), 2, dataset=dataset, **PARTS)
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(a.state["scores"], b.state["scores"], rtol=1e-6, atol=1e-9)
            assert np.array_equal(unpruned(a), unpruned(b))


def test_what_cannot_be_is_refused() -> None:
    job = small_job(Path(), **PARTS)

    def check(**changed: object) -> None:
        GemMiner().check(Fit(job.widths, (), (48, 10), replace(job.method, **changed)))

    check()
    check(penalty=None)
    for match, changed in {
        "pruning/clock=freezing": {"clock": Search()},
        "pruning/rewind=none": {"restart": Reset()},
        "low=0 and high=1": {"step": Noise()},
        "penalty=l2_scores": {"penalty": L1(0.1)},
        "threshold=null": {"criterion": Scores(0.0)},
        "biases=false": {"biases": True},
    }.items():
        with pytest.raises(ValueError, match=match):
            check(**changed)
    with pytest.raises(ValueError, match="gem_miner"):
        Scores().check(Fit(job.widths, (), (48, 10), replace(job.method, effective=None)))
    with pytest.raises(ValueError, match="name=scores"):
        L2(0.1, "scores").check(Fit(job.widths, (), (48, 10), replace(job.method, effective=None)))
    L2(0.1).check(Fit(job.widths, (), (48, 10), replace(job.method, effective=None, criterion=Magnitude())))
