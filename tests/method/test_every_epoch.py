"""Pruning within one training run: how the counts fall, what is remembered, and what it comes to."""

from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lth.method.clock.clock import Segment, recorded
from lth.method.clock.every_epoch import EveryEpoch
from lth.method.criterion.change import Change
from lth.method.criterion.criterion import Candidates
from lth.method.criterion.magnitude import Magnitude
from lth.method.criterion.movement import Movement
from lth.method.layout import Layout
from lth.method.prune import prune
from lth.method.restart.onward import Onward
from lth.method.restart.reset import Reset
from lth.method.schedule import trajectory
from lth.method.stopping import StoppingRule
from lth.training.job import Job
from lth.training.module import StackModule
from tests.method.test_criteria import candidates
from tests.small_jobs import flat, moons_circles, run, small_job, tickets, unpruned
from tests.training.test_stack_of_seeds import assert_same_bits

SHAPES = ("exponential", "constant", "cubic")
RESTLESS = partial(torch.optim.Adam, lr=0.02, fused=True)


def counts(shape: str, dense: int, last: int, prunings: int) -> list[int]:
    clock = EveryEpoch(prunings=prunings, shape=shape)  # type: ignore[arg-type]
    return [segment.keep for segment in clock.segments((dense, last))]


@pytest.mark.parametrize("shape", SHAPES)
@given(st.integers(50, 5000), st.floats(0.01, 0.9), st.integers(1, 40))
def test_counts_fall_from_the_dense_net_to_the_target(shape: str, dense: int, share: float, prunings: int) -> None:
    last = max(1, int(dense * share))
    found = counts(shape, dense, last, prunings)
    assert (found[0], found[-1], len(found)) == (dense, last, prunings + 1)
    assert all(after <= before for before, after in pairwise(found))


def test_the_shapes_are_their_formulas() -> None:
    assert tuple(counts("exponential", 1000, 200, 6)) == trajectory(1000, target=200, levels=6)
    assert counts("constant", 1000, 200, 4) == [1000, 800, 600, 400, 200]
    assert counts("cubic", 1000, 200, 4) == [1000, 200 + round(800 * 0.75**3), 300, 200 + round(800 / 64), 200]


@pytest.mark.parametrize("shape", SHAPES)
def test_levels_cut_again_are_the_same(shape: str) -> None:
    clock = EveryEpoch(every=2, prunings=3, shape=shape)  # type: ignore[arg-type]
    segments = clock.segments((900, 500, 300, 90))
    assert clock.segments(recorded(segments)) == segments


def test_training_may_stop_only_once_the_target_is_reached() -> None:
    segments = EveryEpoch(every=3, prunings=2).segments((900, 300, 90))
    assert [segment.epochs for segment in segments] == [3, 3, 3, 3, None]
    assert [segment.keep for segment in segments if segment.epochs is None] == [90]
    assert [segment.records for segment in segments] == [True, False, True, False, True]


def test_levels_of_the_same_count_are_refused() -> None:
    with pytest.raises(ValueError, match="shape=cubic: level 4 would keep 90 of 90"):
        EveryEpoch(shape="cubic").segments((100, 97, 94, 92, 90))


@pytest.mark.parametrize("wrong", [{"every": 0}, {"prunings": 0}, {"shape": "square"}])
def test_what_cannot_be_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}="):
        EveryEpoch(**wrong)


def test_what_did_not_move_goes_first() -> None:
    stack = candidates()
    last = stack.whole.state["weight"] + 1.0
    frozen = stack.whole.index[::3]
    last[:, frozen] = stack.whole.state["weight"][:, frozen]
    stack = replace(stack, network=replace(stack.whole, state={**stack.whole.state, "last": last}))
    scores = Change().score(stack)
    assert (scores[:, ::3] == 0).all()
    kept = prune(scores, stack.mask, int(stack.mask.sum(dim=1).min()) // 2)
    assert not kept[:, ::3].any()


def test_before_the_first_pruning_it_is_movement() -> None:
    stack = candidates()
    assert torch.equal(Change().score(stack), Movement().score(stack))
    bare = Candidates(stack.trained, stack.anchor, stack.mask, stack.sizes, stack.seeds, 0)
    assert torch.equal(Change().score(bare), Movement().score(bare))


@pytest.mark.parametrize("carried", [False, True])
def test_the_change_is_that_since_the_last_pruning(carried: bool, tmp_path: Path) -> None:
    job = small_job(
        tmp_path, (9,), 4, criterion=Change(), clock=EveryEpoch(every=2), restart=Onward(carried), optimizer=RESTLESS
    )
    run(job)
    for seed in job.seeds:
        chain = tickets(job, seed)
        assert [len(ticket.epochs) for ticket in chain[:-1]] == [2] * 4
        index = Layout(job.widths).prunable(biases=False)
        rows = [torch.from_numpy(flat(ticket.weights, ticket.biases))[index] for ticket in chain]
        masks = [torch.from_numpy(unpruned(ticket))[index] for ticket in chain]
        anchor = torch.from_numpy(flat(chain[0].anchors, chain[0].anchor_biases))[index]
        for number, keep in enumerate(job.keeps[1:]):
            last = rows[number - 1] * masks[number] if number else anchor
            expected = prune((rows[number] - last).abs()[None], masks[number][None], keep)[0]
            assert torch.equal(masks[number + 1], expected)


def test_after_a_reset_the_change_is_the_movement(tmp_path: Path) -> None:
    jobs = [small_job(tmp_path / name, (9,), 3, criterion=rule, seeds=(0, 1), restart=Reset())
            for name, rule in (("change", Change()), ("movement", Movement()))]  # fmt: skip
    for job in jobs:
        run(job)
    for seed in (0, 1):
        assert_same_bits(jobs[0], jobs[1], seed)


def test_nothing_is_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every segment starts from what the one before ended with, less what was pruned."""
    ended, starts = [], []
    original = StackModule.start_segment

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        starts.append((self.model.weight.clone(), self.model.mask.clone()))
        original(self, segments)

    def step(self: StackModule, batch: int, batch_idx: int) -> None:
        plain(self, batch, batch_idx)
        if not self.training_seeds:
            ended.append(self.model.weight.clone())

    plain = StackModule.training_step
    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    monkeypatch.setattr(StackModule, "training_step", step)
    run(small_job(tmp_path, (9,), 2, clock=EveryEpoch(prunings=3), restart=Onward(carried=True)))
    assert len(starts) == len(ended) == 7
    for before, (now, mask) in zip(ended, starts[1:], strict=False):
        assert torch.equal(now, before * mask)


def learned(folder: Path, **parts: object) -> tuple[float, int, Job]:
    """Mean test accuracy on the moons of the last level, and the epochs that it took."""
    data = moons_circles(n_train=500, n_val=300, n_test=1000)
    fast = {"optimizer": partial(torch.optim.Adam, lr=0.005, fused=True)}
    job = small_job(
        folder, (24, 24), 6, dataset=data, stopping=StoppingRule(30, 400), seeds=(0, 1, 2, 3), **fast, **parts
    )
    job = replace(job, keeps=trajectory(job.keeps[0], target=job.keeps[0] // 5, levels=6))
    run(job)
    last = [tickets(job, seed)[-1].row for seed in job.seeds]
    return float(np.mean([row["test_accuracy_moons"] for row in last])), sum(row["spent_epochs"] for row in last), job


@pytest.mark.parametrize("criterion", [Magnitude(), Change()], ids=lambda rule: type(rule).__name__)
def test_at_a_fifth_of_the_weights_it_is_as_accurate_as_iterative_pruning(criterion: object, tmp_path: Path) -> None:
    """Within a percentage point, from far fewer epochs: the toy result of the source."""
    iterative, long, _ = learned(tmp_path / "iterative")
    parts = {"clock": EveryEpoch(every=2, prunings=3), "restart": Onward(carried=True), "criterion": criterion}
    accuracy, short, job = learned(tmp_path / "every", **parts)
    assert accuracy > iterative - 0.01
    assert short < long / 3
    assert {tickets(job, seed)[-1].row["keep"] for seed in job.seeds} == {job.keeps[-1]}
