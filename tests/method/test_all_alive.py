"""All-alive pruning: who lives, how many, and that what zombies say can be folded away."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.command.compose import compose
from lth.data.dataset import Task
from lth.jobs.plan import prepare
from lth.method.alive import alive, reached, reaching
from lth.method.criterion.all_alive import AllAlive
from lth.method.criterion.magnitude import Magnitude
from lth.method.forward import forward
from lth.method.layout import Layout
from lth.method.prune import prune
from lth.method.restart.folded import Folded
from lth.method.restart.restart import Pruned
from lth.settings import ConfigurationError
from lth.ticket import State, analyse
from tests.method.networks import by_lot, stack_of
from tests.small_jobs import run, small_job, tickets

WIDTHS = (4, 9, 7, 2)
TASKS = (Task("a", (0, 1), (0,), "binary"), Task("b", (2, 3), (1,), "binary"))
LAYOUT = Layout(WIDTHS)


def mask_by_lot(seed: int, density: float) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return (torch.rand(1, LAYOUT.size, generator=draw) < density) | ~LAYOUT.is_weight(LAYOUT.size)


@pytest.mark.parametrize("density", [0.1, 0.2, 0.4, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_who_lives_is_who_is_active(seed: int, density: float) -> None:
    mask = mask_by_lot(seed, density)
    masks = [LAYOUT.weight(mask, layer)[0].numpy() for layer in range(LAYOUT.depth)]
    structure = analyse(masks, TASKS)
    left = alive(mask[0], LAYOUT)[None]
    for layer, states in enumerate(structure.weights):
        assert np.array_equal(LAYOUT.weight(left, layer)[0].numpy(), states == State.ACTIVE)
    for neurons, starts, ends in zip(
        structure.neurons, reached(mask[0], LAYOUT), reaching(mask[0], LAYOUT), strict=True
    ):
        assert np.array_equal((starts & ends).numpy(), neurons == State.ACTIVE)
    assert torch.equal(left[~LAYOUT.is_weight(LAYOUT.size)], mask[~LAYOUT.is_weight(LAYOUT.size)]), "biases stay"


def pruned(weight: Tensor, mask: Tensor, keep: int) -> Tensor:
    """The mask (R, size) after pruning to `keep` weights."""
    stack, found = stack_of(weight, WIDTHS, mask, keep=keep), mask.clone()
    found[:, stack.whole.index] = prune(AllAlive().score(stack), stack.mask, keep)
    return found


@pytest.mark.parametrize("keep", [60, 25, 12, 7])
def test_as_many_live_as_asked(keep: int) -> None:
    weight = by_lot(WIDTHS, seeds=6)
    mask = torch.ones_like(weight, dtype=torch.bool)
    for left in (80, 50, 30, 20, 10, 7):
        if left < keep:
            break
        mask = pruned(weight, mask, left)
        weights = LAYOUT.is_weight(LAYOUT.size)[0]
        assert mask[:, weights].sum(dim=1).tolist() == [left] * 6
        assert all(int(alive(row, LAYOUT)[weights].sum()) == left for row in mask)


def test_magnitude_leaves_dead_weights_where_this_does_not() -> None:
    weight = by_lot(WIDTHS, seeds=6)
    stack = stack_of(weight, WIDTHS, keep=14)
    mask = torch.ones_like(weight, dtype=torch.bool)
    mask[:, stack.whole.index] = prune(Magnitude().score(stack), stack.mask, 14)
    weights = LAYOUT.is_weight(LAYOUT.size)[0]
    assert min(int(alive(row, LAYOUT)[weights].sum()) for row in mask) < 14


def test_while_no_neuron_dies_it_is_magnitude() -> None:
    stack = stack_of(by_lot(WIDTHS, seeds=6), WIDTHS, keep=105)
    ours, theirs = (prune(rule.score(stack), stack.mask, 105) for rule in (AllAlive(), Magnitude()))
    assert torch.equal(ours, theirs)


def test_a_single_path_cannot_be_shortened_and_the_count_is_exact_all_the_same() -> None:
    mask = torch.zeros(1, LAYOUT.size, dtype=torch.bool)
    for layer in range(LAYOUT.depth):
        LAYOUT.weight(mask, layer)[0, 0, 0] = True
        LAYOUT.bias(mask, layer)[:] = True
    left = pruned(by_lot(WIDTHS, seeds=1), mask, 2)
    assert int(left[:, LAYOUT.is_weight(LAYOUT.size)[0]].sum()) == 2


def test_of_the_dead_the_largest_stay_where_fewer_live_than_asked() -> None:
    mask = ~LAYOUT.is_weight(LAYOUT.size)
    LAYOUT.weight(mask, 0)[0, 0, 0] = LAYOUT.weight(mask, 1)[0, 0, 0] = LAYOUT.weight(mask, 2)[0, 0, 0] = True
    LAYOUT.weight(mask, 0)[0, 5, :3] = True  # heard by nobody
    weight = torch.zeros(1, LAYOUT.size)
    LAYOUT.weight(weight, 0)[0, 5] = torch.tensor([1.0, 3.0, 2.0, 9.0])
    found = LAYOUT.weight(pruned(weight, mask, 4), 0)[0, 5]
    assert found.tolist() == [False, True, False, False]


@pytest.mark.parametrize("seed", range(8))
def test_folding_zombies_keeps_the_function(seed: int) -> None:
    mask = mask_by_lot(seed, 0.15)
    trained = by_lot(WIDTHS, seeds=1) * mask
    LAYOUT.bias(trained, 0).abs_()  # so that zombies are heard
    left = alive(mask[0], LAYOUT)[None]
    folded = Folded().restart(Pruned(trained, trained, left, LAYOUT, (0,), 1, lambda: trained)) * left
    x = torch.randn(1, 30, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(forward(LAYOUT, folded, x), forward(LAYOUT, trained, x), rtol=1e-12, atol=1e-12)
    if bool((~reached(mask[0], LAYOUT)[1] & reaching(mask[0], LAYOUT)[1]).any()):
        assert not torch.allclose(forward(LAYOUT, trained * left, x), forward(LAYOUT, trained, x)), "nothing to fold"


def test_a_run_has_no_weight_that_is_not_active(tmp_path: Path) -> None:
    job = small_job(tmp_path, (9, 9), levels=6, criterion=AllAlive(), restart=Folded())
    run(job)
    for seed in job.seeds:
        for ticket, keep in zip(tickets(job, seed), job.keeps, strict=True):
            assert ticket.row["keep"] == ticket.row["active_weights"] == keep


@pytest.mark.parametrize(("given", "says"), [
    ("pruning.biases=true", "pruning.biases must be false"),
    ("pruning.scope=layerwise", "pruning.scope must be global"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(given: str, says: str, tmp_path: Path) -> None:
    small = ("model.hidden=13", "dataset.n_train=20", "dataset.n_val=20", "dataset.n_test=20", "pruning=all_alive")
    with pytest.raises(ConfigurationError, match=says):
        prepare(compose([*small, given]), tmp_path)
