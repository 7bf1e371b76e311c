"""Early-bird tickets: the distance of masks, when they rest, and one dense level in parts that are one course."""

from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.method.clock.clock import Segment, recorded
from lth.method.clock.early_bird import EarlyBird, apart, chance
from lth.method.effective.effective import Effective
from lth.method.effective.gaussian import Gaussian
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.prune import prune
from lth.method.restart.late import Late
from lth.method.restart.learning_rate import LearningRateRewinding
from lth.method.restart.onward import Onward
from lth.method.restart.reset import Reset
from lth.method.restart.restart import Restart
from lth.training.job import Job
from lth.training.module import StackModule
from tests.small_jobs import flat, moons_circles, run, small_job, tickets, unpruned, without_kernel
from tests.training.test_stack_of_seeds import assert_same_bits

RESTLESS = partial(torch.optim.Adam, lr=0.02, fused=True)
NEVER = EarlyBird(most=3, distance=1e-9)


def random_mask(density: float, seed: int, size: int = 200_000) -> Tensor:
    return torch.rand(size, generator=torch.Generator().manual_seed(seed)) < density


def test_equal_masks_are_not_apart_and_complements_are_wholly() -> None:
    mask = random_mask(0.3, 0)
    assert apart(mask, mask) == 0
    assert apart(mask, ~mask) == 1
    assert apart(torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])) == 0.5


@pytest.mark.parametrize("density", [0.02, 0.2, 0.5, 0.9])
def test_random_masks_are_as_far_apart_as_chance_has_it(density: float) -> None:
    one, other = random_mask(density, 0), random_mask(density, 1)
    assert apart(one, other) == pytest.approx(2 * density * (1 - density), rel=0.05)
    assert chance(one) == pytest.approx(apart(one, other), rel=0.05)


def test_masks_rest_once_the_newest_is_close_to_all_in_the_window() -> None:
    clock, mask = EarlyBird(), random_mask(0.5, 0)
    far = random_mask(0.5, 1)
    assert not clock.settled([mask] * 4)
    assert clock.settled([mask] * 5)
    for place in range(4):
        row = [mask] * 5
        row[place] = far
        assert not clock.settled(row)
    assert not clock.settled([mask] * 4 + [far])
    assert clock.settled([far] + [mask] * 5), "what left the window still counts"


def test_at_low_density_only_chance_tells_rest_from_noise() -> None:
    """Random masks of two hundredths differ in less than a tenth of the network: they are at rest, by that measure."""
    masks = [random_mask(0.02, seed) for seed in range(5)]
    assert EarlyBird().settled(masks)
    assert not EarlyBird(distance=0.2, of_chance=True).settled(masks)
    assert EarlyBird(distance=0.2, of_chance=True).settled([masks[0]] * 5)


def test_at_half_density_a_fifth_of_chance_is_the_published_tenth() -> None:
    mask = torch.arange(1000) < 500
    for moved, rests in ((96, True), (104, False)):
        other = mask.clone()
        other[: moved // 2], other[500 : 500 + moved // 2] = False, True
        assert EarlyBird().settled([other] * 4 + [mask]) == rests
        assert EarlyBird(distance=0.2, of_chance=True).settled([other] * 4 + [mask]) == rests


def test_the_dense_level_is_cut_and_recorded_without_training() -> None:
    clock = EarlyBird(every=4, most=3)
    *parts, dense, last = clock.segments((100, 50, 20))
    assert [(part.epochs, part.records, part.part, part.level) for part in parts] == [
        (4, False, n, 0) for n in range(3)
    ]
    assert (dense.epochs, dense.records, dense.part) == (0, True, 3)
    assert (last.level, last.keep, last.prunes, last.epochs) == (1, 20, True, None)
    assert clock.segments(recorded((*parts, dense, last))) == (*parts, dense, last)
    assert [segment.epochs for segment in clock.segments((100,))] == [None]


def bird(folder: Path, clock: EarlyBird, **changes: object) -> Job:
    parts = {"optimizer": RESTLESS, "clock": clock, "restart": Onward(), **changes}
    job = small_job(folder, (16,), 1, **parts)
    return replace(job, keeps=(job.keeps[0], job.keeps[0] // 5))


@pytest.mark.parametrize("restart", [Reset(), Onward()], ids=repr)
def test_every_seed_prunes_when_its_own_mask_rests(restart: Restart, tmp_path: Path) -> None:
    clock = EarlyBird(most=60, distance=0.06)
    job = bird(tmp_path / "stack", clock, restart=restart, seeds=(0, 1, 2, 3, 4))
    run(job)
    ends = {}
    for seed in job.seeds:
        dense, pruned = tickets(job, seed)
        ends[seed] = len(dense.epochs)
        index = Layout(job.widths).prunable(biases=False)
        row = torch.from_numpy(flat(dense.weights, dense.biases))[index]
        mask = prune(row.abs()[None], torch.ones_like(row, dtype=torch.bool)[None], job.keeps[1])[0]
        assert torch.equal(torch.from_numpy(unpruned(pruned))[index], mask)
        assert pruned.row["keep"] == job.keeps[1]
        assert pruned.row["spent_epochs"] == len(dense.epochs) + len(pruned.epochs)
    assert 5 <= min(ends.values()) < max(ends.values()) < 60, f"all rested at once: {ends}"


@pytest.mark.parametrize("optimizer", [RESTLESS, partial(torch.optim.NAdam, lr=0.02)], ids=["kernel", "own"])
@pytest.mark.parametrize("path", ["kernel", "torch"])
def test_parts_of_the_dense_level_are_one_course(path: str, optimizer: object, tmp_path: Path) -> None:
    """Three parts of an epoch end where one of three epochs ends: nothing starts again."""
    whole = moons_circles(n_train=60)  # one batch holds all samples, so that their order does not matter
    found = []
    for most in (3, 1):
        clock = replace(NEVER, most=most, every=3 // most)
        job = bird(tmp_path / str(most), clock, optimizer=optimizer, seeds=(0, 1), dataset=whole)
        with nullcontext() if path == "kernel" else without_kernel():
            run(job)
        found.append(tickets(job, 1)[0])
    np.testing.assert_allclose(found[0].epochs, found[1].epochs, rtol=1e-4)
    np.testing.assert_allclose(found[0].weights[0], found[1].weights[0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("effective", [None, Gaussian()], ids=repr)
@pytest.mark.parametrize("restart", [Reset(), Onward(), LearningRateRewinding()], ids=repr)
def test_the_pruned_level_starts_with_a_fresh_optimiser(
    restart: Restart, effective: Effective | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the memory of the dense level is, in the ticket or not."""
    remembered: dict[int, list[str]] = {}
    original = StackModule.start_segment

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        level = next(iter(segments.values())).level
        remembered[level] = [name for name in self.model.state if "." in name]
        original(self, segments)

    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    parts = {"restart": restart, "effective": effective}
    whole, cut = bird(tmp_path / "whole", NEVER, **parts), bird(tmp_path / "cut", NEVER, **parts)
    run(whole)
    assert remembered[0]
    assert not remembered[1]
    run(cut)
    for seed in cut.seeds:
        ticket = tickets(cut, seed)[0]
        assert any(name.startswith("weight.") for name in ticket.state), "the case was not tried"
    run(replace(cut, first_level=1))
    assert not remembered[1]
    for seed in cut.seeds:
        assert_same_bits(whole, cut, seed)


def test_rewinding_to_a_later_step_is_refused() -> None:
    job = small_job(Path())
    for restart, fits in ((Reset(), True), (Onward(), True), (Late(step=0), True), (Late(step=9), False)):
        method = replace(job.method, restart=restart)
        fit = Fit(job.widths, job.dataset.tasks, job.keeps, method)
        if fits:
            EarlyBird().check(fit)
        else:
            with pytest.raises(ValueError, match="step 9"):
                EarlyBird().check(fit)


@pytest.mark.parametrize("wrong", [{"every": 0}, {"most": 0}, {"window": 1}, {"distance": 0.0}])
def test_what_cannot_be_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}="):
        EarlyBird(**wrong)
