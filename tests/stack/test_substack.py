"""Sub-stacks alone: a seed's epochs to the bit in every company, and how seeds leave."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
import torch

from lth.data.dataset import Dataset
from lth.data.digits import build as digits
from lth.data.moons import build as n_moons
from lth.data.moons_circles import build_with_digits
from lth.data.symbolic import build_symbolic
from lth.method.stopping import StoppingRule
from lth.randomness import generator
from lth.stack.epoch import Epoch
from lth.stack.layout import Layout
from lth.stack.packing import Packing
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.samples import HeldOutSamples, TrainingSamples
from lth.stack.substack import SubStack
from lth.training.mlp import initial_rows
from tests.small_jobs import ADAM, moons_circles

EPOCHS = 3


def substack(
    dataset: Dataset, hidden: Sequence[int], seeds: Sequence[int], recipe: Recipe, batch: int = 64, density: float = 0.7
) -> SubStack:
    """A sub-stack whose seeds have random masks of their own."""
    widths = (dataset.inputs, *hidden, dataset.outputs)
    layout, packing = Layout(widths), Packing(widths)
    rows = initial_rows(widths, seeds, bias_init="normal")
    masks = torch.stack([torch.rand(layout.size, generator=generator(seed, "masks")) < density for seed in seeds])
    sources = packing.sources(layout, [torch.arange(width) for width in widths])
    present, places = sources >= 0, sources.clamp(min=0)
    return SubStack(
        [Member(seed, generator(seed, "batches")) for seed in seeds], packing,
        (rows * masks)[:, places] * present, masks[:, places] | ~present, dataset.tasks,
        TrainingSamples(dataset.train, batch, torch.float32, "cpu"),
        HeldOutSamples(dataset.val, torch.float32, "cpu"), recipe,
    )  # fmt: skip


def train_out(stack: SubStack) -> dict[int, Finished]:
    """Train until every seed is through."""
    finished: dict[int, Finished] = {}
    while stack.members:
        finished |= {done.member: done for done in stack.epoch()}
    return finished


def recipe(patience: int = 99, epochs: int = EPOCHS, **options: object) -> Recipe:
    return Recipe(ADAM, StoppingRule(patience, epochs), **options)  # type: ignore[arg-type]


# Losses that go up and down, so that seeds stop at different epochs and the best is seldom the last.
RESTLESS = partial(torch.optim.Adam, lr=0.1, fused=True)


DATASETS = {
    "two tasks": moons_circles(n_train=150, n_val=130, n_test=10),
    "one task": digits(n_train=100, n_val=77, n_test=20),
    "four tasks": n_moons(n=4, n_train=75, n_val=61, n_test=10),
    "five tasks": n_moons(n=5, n_train=90, n_val=64, n_test=10, noise_inputs=3),
    "seventeen tasks": n_moons(n=17, n_train=90, n_val=300, n_test=10),
    "values": build_symbolic(n_train=100, n_val=63, n_test=10),
    "kinds": build_with_digits(n_train=100, n_val=90, n_test=20),
}
SHAPES = [((1,), 64), ((3, 2), 7), ((8, 8), 64), ((13, 10), 60), ((38, 38), 77), ((33, 31, 20), 32), ((104, 104), 64)]


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize(("hidden", "batch"), SHAPES)
def test_same_bits_in_every_company(name: str, hidden: tuple[int, ...], batch: int) -> None:
    found: dict[int, list[tuple[bytes, bytes]]] = {}
    for seeds in ((0,), (1, 0), (2, 0, 1), (0, 3, 4, 5, 6, 1, 7), tuple(range(15, -1, -1))):
        for seed, done in train_out(substack(DATASETS[name], hidden, seeds, recipe(), batch)).items():
            found.setdefault(seed, []).append((done.row.numpy().tobytes(), done.measured.tobytes()))
    assert len(found[0]) == 5
    assert len({bits for bits, _ in found[0]}) == 1, "weights differ"
    assert len({bits for _, bits in found[0]}) == 1, "losses or accuracies differ"
    assert all(len(set(bits)) == 1 for bits in found.values())


def test_seeds_that_leave_change_nothing_for_the_others() -> None:
    rule = Recipe(RESTLESS, StoppingRule(patience=2, max_epochs=30))
    seeds = tuple(range(10))
    together = train_out(substack(DATASETS["two tasks"], (8, 8), seeds, rule, batch=7))
    assert len({len(done.measured) for done in together.values()}) > 2, "they left together"
    for seed in seeds:
        alone = train_out(substack(DATASETS["two tasks"], (8, 8), (seed,), rule, batch=7))[seed]
        assert torch.equal(alone.row, together[seed].row)
        assert np.array_equal(alone.measured, together[seed].measured)


def test_pruned_weights_stay_zero_and_the_ones_stay_one() -> None:
    decay = Recipe(partial(torch.optim.AdamW, lr=0.1, weight_decay=0.5, fused=True), StoppingRule(9, 3))
    for rule in (recipe(), decay):
        stack = substack(DATASETS["two tasks"], (9, 6), (0, 1), rule)
        masks = torch.stack([torch.rand(Layout(stack.packing.widths).size, generator=generator(s, "masks")) < 0.7
                             for s in (0, 1)])  # fmt: skip
        sources = stack.packing.sources(
            Layout(stack.packing.widths), [torch.arange(width) for width in stack.packing.widths]
        )
        start = stack.rows()
        stack.epoch()
        rows = stack.rows()
        pruned = (sources >= 0) & ~masks[:, sources.clamp(min=0)]
        assert pruned.any()
        assert not rows[pruned].any()
        ones = torch.stack([one[0] for one in stack.packing.ones(stack.packing.by_layer(rows))])
        assert (ones == 1).all()
        moved = (rows != start).any(dim=0)
        assert not moved[sources < 0].any(), "padding or a passing row moved"
        assert moved[sources >= 0].any()


def test_the_best_weights_are_those_of_the_epoch_named() -> None:
    def restless(seeds: Sequence[int], rule: StoppingRule) -> dict[int, Finished]:
        found = Recipe(RESTLESS, rule, restore_best=True)
        return train_out(substack(DATASETS["two tasks"], (8, 8), seeds, found, batch=7))

    best = restless((0, 1, 2, 3), StoppingRule(3, 30))
    assert any(done.best < len(done.measured) for done in best.values())
    for seed, done in best.items():
        assert done.best == int(done.measured[:, 1].mean(axis=1).argmin()) + 1
        cut = restless((seed,), StoppingRule(99, done.best))[seed]
        assert torch.equal(cut.row, done.row)
        assert cut.best == len(cut.measured)


def test_captured_is_what_a_seed_held_after_that_step() -> None:
    epochs = 2
    steps = -(-150 // 64) * epochs
    late = train_out(substack(DATASETS["two tasks"], (8, 8), (0, 1), recipe(epochs=5, captured_step=steps)))
    ended = train_out(substack(DATASETS["two tasks"], (8, 8), (0, 1), recipe(epochs=epochs)))
    short = train_out(substack(DATASETS["two tasks"], (8, 8), (0, 1), recipe(epochs=epochs, captured_step=999)))
    for seed in (0, 1):
        assert ended[seed].captured is None
        for captured in (late[seed].captured, short[seed].captured):
            assert captured is not None
            assert torch.equal(captured, ended[seed].row)
        assert not torch.equal(late[seed].row, ended[seed].row)


@pytest.mark.parametrize("restore_best", [False, True])
@pytest.mark.parametrize("captured", [0, 1, 30, 40, 47, 9999])
def test_results_do_not_depend_on_how_often_the_host_looks(restore_best: bool, captured: int) -> None:
    found = []
    for visit in (1, 2, 5):
        rule = Recipe(RESTLESS, StoppingRule(2, 30), None, restore_best, 1, captured, epochs_per_visit=visit)
        found.append(train_out(substack(DATASETS["two tasks"], (8, 8), range(6), rule, batch=7)))
    assert len({len(done.measured) % 5 for done in found[0].values()}) > 1, "none left in the middle of a visit"
    for other in found[1:]:
        for seed, done in found[0].items():
            assert torch.equal(other[seed].row, done.row)
            assert np.array_equal(other[seed].measured, done.measured)
            assert (other[seed].best, other[seed].failed) == (done.best, done.failed)
            assert (done.captured is None) == (captured == 0)
            assert done.captured is None or torch.equal(torch.as_tensor(other[seed].captured), done.captured)


@pytest.mark.parametrize("skipped", [0, 2, 3, 7])
def test_skipped_steps_draw_their_samples_and_take_no_step(skipped: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, taken = [], []
    draw, train = TrainingSamples.draw, Epoch.train
    monkeypatch.setattr(TrainingSamples, "draw", lambda self, streams: drawn.append(1) or draw(self, streams))

    def count(self: Epoch, first: int, last: int) -> None:
        taken.extend(range(first, last))
        train(self, first, last)

    monkeypatch.setattr(Epoch, "train", count)
    finished = train_out(substack(DATASETS["two tasks"], (8, 8), (0,), recipe(epochs=1, skipped_steps=skipped)))
    assert len(finished[0].measured) == 1
    assert len(drawn) == skipped // 3 + 1, "three batches an epoch"
    assert taken == list(range(skipped % 3, 3))


def test_a_training_loss_that_overflows_ends_the_level() -> None:
    """Even where the validation loss is finite again after it: all hidden neurons may have died in between."""
    rule = Recipe(partial(torch.optim.SGD, lr=1e4, momentum=0.9, fused=True), StoppingRule(9, 9))
    finished = train_out(substack(moons_circles(), (16, 16), tuple(range(40)), rule, density=1.0))
    revived = [done for done in finished.values() if np.isfinite(done.measured[-1, 1]).all() and done.failed]
    assert revived, "no seed's training loss alone overflowed: the case was not tried"
    for done in finished.values():
        finite = [bool(np.isfinite(numbers[:2]).all()) for numbers in done.measured]
        assert all(finite[:-1])
        assert done.failed != finite[-1]


def test_the_record_tells_the_same_minima_as_the_stopping() -> None:
    """At a learning rate so small that losses differ in their last bits only."""
    rule = StoppingRule(patience=2, max_epochs=40)
    slow = Recipe(partial(torch.optim.SGD, lr=3e-7, fused=True), rule, restore_best=True)
    finished = train_out(substack(DATASETS["five tasks"], (8, 8), tuple(range(32)), slow))
    assert len({len(done.measured) for done in finished.values()}) > 5
    for done in finished.values():
        losses = done.measured[:, 1].mean(axis=1)
        waited = len(losses) - 1 - int(losses.argmin())
        assert waited == rule.patience or len(losses) == rule.max_epochs
        assert all(epoch - int(losses[: epoch + 1].argmin()) < rule.patience for epoch in range(len(losses) - 1))
