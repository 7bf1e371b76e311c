"""What a method may add to training: hooks around every step with tensors of their own, and effective weights."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.method.effective.effective import Effective
from lth.method.layout import Layout
from lth.method.state import State
from lth.method.step.step import Step
from lth.stack.reference import measure_split
from tests.small_jobs import flat, run, run_by_both, small_job, tickets, unpruned, without_kernel
from tests.training.test_stack_of_seeds import assert_same_bits, check


@dataclass(frozen=True)
class Flips(Step):
    """Counts how often each weight changed its sign."""

    still = True

    def begin(self, weight: Tensor) -> State:
        return {"flips": torch.zeros_like(weight)}

    def before(self, state: State, gradient: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> None:
        """Nothing."""

    def after(self, state: State, before: Tensor, layout: Layout) -> None:
        state["flips"] += (state["weight"].sign() * before.sign()) < 0


@dataclass(frozen=True)
class Scaled(Effective):
    """Weights with a trained factor each."""

    trained = ("weight", "factor")
    still = False

    def begin(self, weight: Tensor, layout: Layout) -> State:
        return {"factor": torch.ones_like(weight)}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        return raw["weight"] * raw["factor"]

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        return raw["weight"] * raw["factor"]


PARTS = {
    "flips": {"step": Flips()},
    "scaled": {"effective": Scaled()},
    "both": {"step": Flips(), "effective": Scaled()},
}
RESTLESS = partial(torch.optim.Adam, lr=0.02)


@pytest.mark.parametrize("parts", PARTS)
def test_the_kernel_and_pytorchs_path_agree(parts: str, tmp_path: Path) -> None:
    ours, theirs = run_by_both(tmp_path, optimizer=RESTLESS, **PARTS[parts])
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            assert a.state.keys() == b.state.keys()
            for name in a.state:
                np.testing.assert_allclose(a.state[name], b.state[name], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("parts", PARTS)
def test_a_seed_is_the_same_bits_in_every_company(parts: str, tmp_path: Path) -> None:
    job = check(partial(small_job, optimizer=RESTLESS, **PARTS[parts]), (0, 1, 2, 3), tmp_path, alone=(0, 3))
    for ticket in tickets(job, 1)[:-1]:
        own = {name for name in ("flips", "factor") if name in ticket.state}
        assert own == {"flips": {"flips"}, "scaled": {"factor"}, "both": {"flips", "factor"}}[parts]


@pytest.mark.parametrize("parts", PARTS)
def test_what_a_method_keeps_goes_on_from_the_ticket(parts: str, tmp_path: Path) -> None:
    whole, cut = (small_job(tmp_path / name, optimizer=RESTLESS, **PARTS[parts]) for name in ("whole", "cut"))
    run(whole)
    run(replace(cut, keeps=cut.keeps[:3]))
    # A chain that ended needs nothing for a next segment: go on from the level before its last.
    run(replace(cut, first_level=2))
    for seed in whole.seeds:
        assert_same_bits(whole, cut, seed)
        for a, b in zip(tickets(whole, seed)[:-1], tickets(cut, seed)[:-1], strict=True):
            assert all(np.array_equal(a.state[name], b.state[name]) for name in a.state)


def test_hooks_see_every_step(tmp_path: Path) -> None:
    job = small_job(tmp_path, optimizer=RESTLESS, step=Flips())
    run(job)
    first, second = (ticket.state["flips"] for ticket in tickets(job, 0)[:2])
    assert first.sum() > 0
    assert (second >= first).all(), "the count starts anew, though nobody said so"
    assert (second[~unpruned(tickets(job, 0)[1])] == first[~unpruned(tickets(job, 0)[1])]).all()


@pytest.mark.parametrize("path", ["kernel", "torch"])
def test_of_the_best_epoch_all_that_trains_is_kept(path: str, tmp_path: Path) -> None:
    wild = partial(torch.optim.Adam, lr=0.2)
    job = small_job(tmp_path, levels=1, restore_best=True, optimizer=wild, effective=Scaled())
    with without_kernel() if path == "torch" else nullcontext():
        run(job)
    layout, data = Layout(job.widths), job.dataset
    for ticket in tickets(job, 0):
        row = torch.from_numpy(flat(ticket.weights, ticket.biases))
        loss = measure_split(layout, row, data.val, data.tasks)[0].mean()
        assert loss == pytest.approx(ticket.row["val_loss"], rel=1e-4)
        assert ticket.row["val_loss"] == pytest.approx(ticket.epochs[:, 1].min())
    assert len(tickets(job, 0)[0].epochs) > tickets(job, 0)[0].epochs[:, 1].argmin() + 1, "the last one was the best"


@dataclass(frozen=True)
class Tall(Flips):
    """Keeps a column, which can neither be cut nor padded as rows are."""

    def begin(self, weight: Tensor) -> State:
        return {"tall": torch.zeros(len(weight), 1)}


def test_what_a_step_keeps_is_refused_unless_it_is_rows_or_a_number_each(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the step's tall has the shape \(\d+, 1\): must be \(R, size\), here"):
        run(small_job(tmp_path, step=Tall()))
