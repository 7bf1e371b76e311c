"""Pruned weights that take part, and where they are held (Zhou et al., 2019)."""

from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.method.effective.freeze import Freeze
from lth.method.fit import Fit
from lth.method.method import Method
from lth.method.restart.held_at_zero import HeldAtZero
from lth.method.restart.onward import Onward
from lth.method.restart.reset import Reset
from lth.method.restart.restart import Pruned, Restart
from lth.method.restart.sign_constant import SignConstant
from lth.ticket import Ticket
from lth.training.job import Job
from lth.training.mlp import initial_rows
from tests.method.test_layer_restarts import pruned
from tests.small_jobs import flat, run, run_by_both, small_job, tickets, unpruned

RESTLESS = partial(torch.optim.Adam, lr=0.02, fused=True)


def frozen(folder: Path, **changes: object) -> Job:
    return small_job(folder, (9, 7), 3, effective=Freeze(), optimizer=RESTLESS, **changes)


def held(ticket: Ticket) -> np.ndarray:
    """What pruned weights are held at, in the order of the rows."""
    return ticket.state["held"][~unpruned(ticket)]


@pytest.mark.parametrize("restart", [Reset(), Onward(), SignConstant()], ids=repr)
def test_pruned_weights_stay_at_their_initialisation(restart: Restart, tmp_path: Path) -> None:
    job = frozen(tmp_path, restart=restart)
    run(job)
    for seed in job.seeds:
        for ticket in tickets(job, seed):
            initial = initial_rows(job.widths, [seed])[0].numpy()
            np.testing.assert_array_equal(held(ticket), initial[~unpruned(ticket)])
            assert not flat(ticket.weights, ticket.biases)[~unpruned(ticket)].any()


def test_pruned_weights_take_part(tmp_path: Path) -> None:
    """Frozen and zeroed runs are the same until something is pruned, and differ from there."""
    ours, plain = frozen(tmp_path / "held"), frozen(tmp_path / "zero")
    plain = replace(plain, method=replace(plain.method, effective=None))
    run(ours)
    run(plain)
    for a, b in zip(tickets(ours, 0), tickets(plain, 0), strict=True):
        assert np.allclose(a.epochs[:1], b.epochs[:1], rtol=1e-4) == (a.level == 0)


@pytest.mark.parametrize("which", ["pruned", "all"])
def test_what_shrank_is_held_at_zero(which: str, tmp_path: Path) -> None:
    job = frozen(tmp_path, restart=HeldAtZero(which))  # type: ignore[arg-type]
    run(job)
    for seed in job.seeds:
        chain = tickets(job, seed)
        initial = initial_rows(job.widths, [seed])[0].numpy()
        for before, now in pairwise(chain):
            gone = unpruned(before) & ~unpruned(now)
            shrank = np.abs(flat(before.weights, before.biases)) < np.abs(initial)
            np.testing.assert_array_equal(now.state["held"][gone], np.where(shrank, 0, initial)[gone])
            earlier = ~unpruned(before)
            np.testing.assert_array_equal(now.state["held"][earlier], before.state["held"][earlier])
        assert {0.0} < set(held(chain[-1]).tolist()), "nothing shrank, or all did"


def newly_pruned() -> tuple[Pruned, torch.Tensor, torch.Tensor]:
    """A stack, what of it was pruned last, and what of that shrank, (R, size)."""
    stack = pruned()
    stack = replace(stack, state={"held": stack.anchor + 9, "mask": torch.ones_like(stack.mask)})
    moved = torch.randn(stack.anchor.shape, generator=torch.Generator().manual_seed(4))
    stack = replace(stack, trained=stack.anchor * (1 + moved))
    gone = ~stack.mask & stack.layout.is_weight(stack.layout.size)
    return stack, gone, gone & (stack.trained.abs() < stack.anchor.abs())


def test_the_reverse_holds_at_zero_what_grew() -> None:
    stack, gone, shrank = newly_pruned()
    plain, reverse = (HeldAtZero(which).restart(stack) for which in ("pruned", "grown"))  # type: ignore[arg-type]
    assert torch.equal(reverse, torch.where(gone & ~shrank, 0, stack.anchor))
    assert torch.equal(plain, torch.where(shrank, 0, stack.anchor))
    assert torch.equal(reverse + plain, torch.where(gone, stack.anchor, 2 * stack.anchor)), "each is held at 0 in one"


def test_lots_hold_as_many_of_a_layer_at_zero_as_shrank() -> None:
    stack, gone, shrank = newly_pruned()
    found = HeldAtZero("lots").restart(stack)
    zero = (found == 0) & gone
    assert torch.equal(found, torch.where(zero, 0, stack.anchor))
    assert not torch.equal(zero, shrank)
    for layer in range(stack.layout.depth):
        ours, counted = (stack.layout.weight(rows, layer).sum(dim=(1, 2)) for rows in (zero, shrank))
        assert torch.equal(ours, counted)
        assert counted.min() > 0
    two = replace(stack, **{name: getattr(stack, name)[[2, 0]] for name in ("trained", "anchor", "mask")},
                  state={name: rows[[2, 0]] for name, rows in stack.state.items()}, seeds=(8, 3))  # fmt: skip
    assert torch.equal(HeldAtZero("lots").restart(two), found[[2, 0]]), "a seed's lots are its own"


def test_kept_weights_that_shrank_start_at_zero() -> None:
    stack = pruned()
    before = {"held": stack.anchor + 9, "mask": torch.ones_like(stack.mask)}
    stack = replace(stack, state=before)
    kept = {which: HeldAtZero(which).restart(stack) * stack.mask for which in ("pruned", "all")}  # type: ignore[arg-type]
    assert torch.equal(kept["pruned"], stack.anchor * stack.mask)
    weights = stack.layout.is_weight(stack.layout.size)
    shrank = (stack.trained.abs() < stack.anchor.abs()) & weights
    assert torch.equal(kept["all"], torch.where(shrank, 0, stack.anchor) * stack.mask)


@pytest.mark.parametrize("restart", [Reset(), HeldAtZero("all")], ids=repr)
def test_the_kernel_and_pytorchs_path_agree(restart: Restart, tmp_path: Path) -> None:
    ours, theirs = run_by_both(tmp_path, (9, 7), 2, effective=Freeze(), restart=restart, optimizer=RESTLESS)
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(a.state["held"], b.state["held"], rtol=1e-6, atol=1e-9)


def test_holding_at_zero_needs_weights_that_are_held() -> None:
    job = small_job(Path())
    plain = Fit(job.widths, job.dataset.tasks, job.keeps, job.method)
    with pytest.raises(ValueError, match="pruning/effective=freeze"):
        HeldAtZero().check(plain)
    method: Method = replace(job.method, effective=Freeze())
    HeldAtZero().check(replace(plain, method=method))
