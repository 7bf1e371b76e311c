"""Masks that are learned over weights that never train."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.data.digits import build as digits
from lth.method.clock.levels import Levels
from lth.method.clock.search import Search
from lth.method.criterion.magnitude import Magnitude
from lth.method.criterion.scores import Scores
from lth.method.effective.chosen import highest
from lth.method.effective.edge_popup import EdgePopup
from lth.method.effective.effective import Effective
from lth.method.effective.supermask import Supermask
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.penalty.l1 import L1
from lth.method.restart.onward import Onward
from lth.method.step.noise import Noise
from lth.method.stopping import StoppingRule
from lth.training.job import Job
from lth.training.mlp import initial_rows
from tests.small_jobs import flat, run, run_by_both, small_job, tickets, unpruned

FAST = partial(torch.optim.Adam, lr=0.01)
LAYOUT = Layout((4, 8, 3))
PARTS = {"clock": Search(), "criterion": Scores(), "scope": "layerwise", "optimizer": FAST}
KINDS: dict[str, Effective] = {
    "supermask": Supermask(),
    "signed": Supermask(signed=True, rescaled=False),
    "edge_popup": EdgePopup(),
    "signed, rescaled": EdgePopup(signed=True, rescaled=True),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def raw(goal: int = 28, steps: int = 1, pruned: int = 0) -> dict[str, Tensor]:
    draw = torch.Generator().manual_seed(3)
    rows = {name: torch.randn(2, LAYOUT.size, generator=draw) for name in ("anchor", "scores")}
    mask = torch.ones(2, LAYOUT.size, dtype=torch.bool)
    mask[:, :pruned] = False
    per_seed = {name: torch.full((2,), value) for name, value in (("goal", goal), ("steps", steps))}
    return {**rows, **per_seed, "weight": rows["anchor"] * mask, "mask": mask}


def streams() -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in (1, 2)]


def weights_only(rows: Tensor) -> Tensor:
    return rows[:, LAYOUT.prunable(biases=False)]


def digits_job(folder: Path, kind: str, levels: int = 1) -> Job:
    dataset = digits(tasks=["digits"], n_train=1077, n_val=360, n_test=360)
    count = 64 * 48 + 48 * 10
    return small_job(
        folder, (48,), dataset=dataset, keeps=(count, *(count // 2**n for n in range(1, levels + 1))), seeds=(0,),
        effective=KINDS[kind], stopping=StoppingRule(patience=20, max_epochs=30), degrade_on="outputs", **PARTS,
    )  # fmt: skip


@every_kind
def test_an_untrained_network_answers_far_above_chance(kind: str, tmp_path: Path) -> None:
    job = digits_job(tmp_path, kind)
    run(job)
    before, after = tickets(job, 0)
    assert before.row["test_accuracy"] < 0.25
    assert after.row["test_accuracy"] > 0.6
    assert after.row["keep"] == before.row["keep"] // 2


@every_kind
def test_weights_are_those_that_were_drawn(kind: str, tmp_path: Path) -> None:
    job = small_job(tmp_path, effective=KINDS[kind], **PARTS)
    run(job)
    drawn = initial_rows(job.widths, job.seeds)
    for seed, row in zip(job.seeds, drawn, strict=True):
        for ticket in tickets(job, seed):
            kept = unpruned(ticket)
            assert np.array_equal(ticket.state["raw"], row.numpy() * kept)
            assert np.array_equal(flat(ticket.anchors, ticket.anchor_biases), row.numpy())
            shown = flat(ticket.weights, ticket.biases)
            assert ((shown != 0) == (kept & (row.numpy() != 0))).all(), "what is kept is what computes"
            assert (np.sign(shown) == np.sign(row.numpy() * kept)).all()
            if KINDS[kind] == EdgePopup():
                assert np.array_equal(shown, row.numpy() * kept)


def test_what_was_pruned_last_is_what_is_measured(tmp_path: Path) -> None:
    """The columns of validation are of the network that is recorded, not of an epoch before its pruning."""
    job = digits_job(tmp_path, "edge_popup", levels=3)
    run(job)
    for ticket in tickets(job, 0)[1:]:
        x, y = job.dataset.val.x.astype(np.float64), job.dataset.val.y
        for layer, (weight, bias) in enumerate(zip(ticket.weights, ticket.biases, strict=True)):
            x = x @ weight.T + bias
            x = np.maximum(x, 0) if layer == 0 else x
        assert ticket.row["val_accuracy"] == pytest.approx((x.argmax(1) == y.argmax(1)).mean(), abs=1.1 / len(x))
        assert ticket.row["epochs"] == len(ticket.epochs) > 0


@every_kind
def test_the_kernel_and_pytorchs_path_agree(kind: str, tmp_path: Path) -> None:
    # With few inputs neurons of signed weights would be equal, and differ by rounding alone.
    dataset = digits(tasks=["digits"], n_train=200, n_val=100, n_test=100)
    ours, theirs = run_by_both(tmp_path, (12,), 2, dataset=dataset, effective=KINDS[kind], **PARTS)
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            assert np.array_equal(unpruned(a), unpruned(b))
            assert a.state.keys() == b.state.keys()


@pytest.mark.parametrize("goal", [1, 14, 28, 56])
def test_the_highest_of_every_layer_are_chosen(goal: int) -> None:
    state = raw(pruned=3)
    chosen = highest(state["scores"], state["mask"], state["goal"] * 0 + goal, LAYOUT)
    assert not (chosen & ~state["mask"]).any()
    for layer in range(2):
        mask, inside = LAYOUT.weight(state["mask"], layer)[0], LAYOUT.weight(chosen, layer)[0]
        scores = LAYOUT.weight(state["scores"], layer)[0]
        assert abs(int(inside.sum()) - int(mask.sum()) * min(1, goal / 53)) <= 1
        if (mask & ~inside).any():
            assert scores[inside].min() > scores[mask & ~inside].max()


def test_ones_are_as_frequent_as_the_scores_say_and_lean_to_the_goal() -> None:
    for rule, share in ((Supermask(aimed=False, rescaled=False), 0.5), (Supermask(rescaled=False), 0.25)):
        state = raw(goal=14)
        state["scores"] = torch.zeros(2, LAYOUT.size)
        noise = streams()
        drawn = torch.stack([weights_only(rule.weights(state, LAYOUT, noise)) != 0 for _ in range(400)])
        assert drawn.float().mean().item() == pytest.approx(share, abs=0.01)
    state = raw()
    state["scores"][:] = torch.tensor([[3.0], [-3.0]])
    drawn = Supermask(sharpness=10, aimed=False).weights(state, LAYOUT, streams())
    assert (weights_only(drawn)[0] != 0).all()
    assert (weights_only(drawn)[1] == 0).all()


def gradient(rule: Effective, state: Mapping[str, Tensor], pull: Tensor) -> Tensor:
    scores = state["scores"].clone().requires_grad_()
    shown = rule.weights({**state, "scores": scores}, LAYOUT, streams())
    (found,) = torch.autograd.grad((shown * pull).sum(), scores)
    return found


def test_a_score_feels_what_its_weight_would() -> None:
    state, pull = raw(pruned=3), torch.randn(2, LAYOUT.size, generator=torch.Generator().manual_seed(9))
    felt = gradient(EdgePopup(), state, pull)
    assert torch.allclose(weights_only(felt), weights_only(pull * state["anchor"] * state["mask"]))
    ones = torch.sigmoid(2 * state["scores"])
    expected = pull * state["anchor"] * state["mask"] * 2 * ones * (1 - ones)
    felt = gradient(Supermask(sharpness=2, aimed=False, rescaled=False), state, pull)
    assert torch.allclose(weights_only(felt), weights_only(expected), atol=1e-6)


@pytest.mark.parametrize("build", [Supermask, EdgePopup])
def test_signed_weights_have_one_size_and_rescaled_layers_their_sum(build: type[Supermask] | type[EdgePopup]) -> None:
    state = raw(goal=14)
    signed, grown = (build(signed=True, rescaled=grows).measured(state, LAYOUT) for grows in (False, True))
    for layer in range(2):
        deviation = LAYOUT.weight(state["anchor"], layer)[1].std().item()
        part = LAYOUT.weight(signed, layer)[1]
        assert part.unique().tolist() == pytest.approx([-deviation, 0, deviation])
        ones = int((part != 0).sum())
        assert LAYOUT.weight(grown, layer)[1].abs().max().item() == pytest.approx(deviation * part.numel() / ones)


@pytest.mark.parametrize("rule", [Supermask(), Supermask(aimed=False), EdgePopup()])
def test_before_any_step_all_weights_take_part(rule: Effective) -> None:
    state = raw(goal=14, steps=0, pruned=3)
    assert torch.equal(weights_only(rule.measured(state, LAYOUT)) != 0, weights_only(state["mask"]))
    state["steps"] += 1
    assert (weights_only(rule.measured(state, LAYOUT)) == 0).sum() > 6


def test_a_threshold_finds_the_count(tmp_path: Path) -> None:
    parts = {**PARTS, "criterion": Scores(threshold=0.0), "scope": "global"}
    job = small_job(tmp_path, effective=Supermask(aimed=False), **parts)
    run(job)
    keeps = [ticket.row["keep"] for ticket in tickets(job, 0)]
    assert keeps[0] > keeps[1] >= keeps[2] >= keeps[3] > 0
    assert keeps != list(job.keeps)


def test_a_search_by_trained_weights_leaves_untrained_ones(tmp_path: Path) -> None:
    """Zhou et al.'s masks of criteria: magnitude's mask, over what was drawn."""
    job = small_job(tmp_path, levels=2, clock=Search(), optimizer=FAST)
    run(job)
    for ticket in tickets(job, 0):
        anchor = flat(ticket.anchors, ticket.anchor_biases)
        assert np.array_equal(flat(ticket.weights, ticket.biases), anchor * unpruned(ticket))


def test_what_cannot_be_is_refused() -> None:
    method = replace(small_job(Path()).method, clock=Search(), criterion=Scores(), scope="layerwise")
    for rule in (Supermask(), EdgePopup()):
        good = replace(method, effective=rule)

        def check(rule: Effective = rule, good=good, **changed: object) -> None:
            rule.check(Fit((4, 8, 2), (), (48, 10), replace(good, **changed)))

        check()
        for match, changed in {
            "pruning/clock=search": {"clock": Levels()},
            "pruning/rewind=reset": {"restart": Onward()},
            "no step and no penalty": {"step": Noise()},
            "no step and no penalt": {"penalty": L1(0.1)},
            "biases=false": {"biases": True},
            "threshold|given": {"criterion": Scores(0.0)},
        }.items():
            with pytest.raises(ValueError, match=match):
                check(**changed)
    with pytest.raises(ValueError, match="learned scores"):
        Scores().check(Fit((4, 8, 2), (), (48, 10), replace(method, criterion=Magnitude())))
    with pytest.raises(ValueError, match="layerwise"):
        EdgePopup().check(Fit((4, 8, 2), (), (48, 10), replace(method, scope="global")))
    with pytest.raises(ValueError, match="sharpness=0"):
        Supermask(sharpness=0)
