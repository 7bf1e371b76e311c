"""What holds at every level: exact counts, nested masks, survivors at their anchors, zeros that stay zero."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.method.clock.clock import Segment
from lth.method.penalty.l1 import L1
from lth.method.restart.onward import Onward
from lth.method.restart.reinit import Reinit
from lth.stack.optimizers import still
from lth.training.messages import LevelDone, SeedFailed
from lth.training.module import StackModule
from tests.small_jobs import ADAM, rows, run, small_job, tickets, unpruned
from tests.training.test_stack_of_seeds import assert_same_bits


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, torch.Tensor, torch.Tensor, torch.Tensor]]:
    """(level, rows, anchors, masks) as each level starts."""
    seen = []
    original = StackModule.start_segment

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        level = next(iter(segments.values())).level
        model = self.model
        seen.append((level, model.weight.clone(), model.anchor.clone(), model.mask.clone()))
        original(self, segments)

    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    return seen


@pytest.mark.parametrize("changes", [{}, {"scope": "layerwise"}, {"biases": True, "bias_init": "normal"}])
def test_counts_masks_and_anchors(changes: dict, starts: list, tmp_path: Path) -> None:
    job = small_job(tmp_path, **changes)
    run(job)
    assert [level for level, *_ in starts] == list(range(job.levels + 1))
    for (level, values, anchor, mask), (_, _, _, before) in zip(starts, [starts[0], *starts], strict=False):
        assert not (mask & ~before).any(), "something pruned came back"
        assert torch.equal(values[mask], anchor[mask]), "a survivor is not at its anchor"
        assert (values[~mask] == 0).all()
        prunable = mask.sum(dim=1) - (0 if job.method.biases else sum(job.widths[1:]))
        assert prunable.tolist() == [job.keeps[level]] * len(job.seeds)
    for seed in job.seeds:
        for ticket in tickets(job, seed):
            assert all((weight[~mask] == 0).all() for weight, mask in zip(ticket.weights, ticket.masks, strict=True))


@pytest.mark.parametrize("optimizer", [ADAM, partial(torch.optim.SGD, lr=0.05, momentum=0.9)])
def test_pruned_weights_have_no_optimiser_state(optimizer: partial, starts: list, tmp_path: Path) -> None:
    job = small_job(tmp_path, restart=Onward(carried=True), optimizer=optimizer)
    run(job)
    seen = 0
    for ticket in tickets(job, 0)[:-1]:
        for name, memory in ticket.state.items():
            if memory.size > 1:
                seen += int((memory != 0).sum())
                assert (memory[~unpruned(ticket)] == 0).all(), name
    assert seen > 0


def test_inactive_weights_end_at_their_anchors(tmp_path: Path) -> None:
    job = small_job(tmp_path, (16, 16), 7)
    run(job)
    left_out = 0
    for seed in job.seeds:
        for ticket in tickets(job, seed):
            silent = np.logical_not(ticket.masks[2].any(axis=0))
            left_out += int(ticket.masks[1][silent].sum())
            kept = ticket.masks[1] & silent[:, None]
            np.testing.assert_array_equal(ticket.weights[1][kept], ticket.anchors[1][kept])
    assert left_out > 0


def test_rewinding_rules(starts: list, tmp_path: Path) -> None:
    job = small_job(tmp_path / "none", levels=1, restart=Onward())
    run(job)
    (_, values, _, mask) = starts[1]
    trained = torch.from_numpy(tickets(job, 0)[0].weights[0]).flatten()
    assert torch.equal(values[0, :64], trained * mask[0, :64])
    starts.clear()
    job = small_job(tmp_path / "reinit", levels=2, restart=Reinit())
    run(job)
    first, second = (starts[level][1][0] for level in (1, 2))
    both = starts[2][3][0] & (first != 0)
    assert not torch.equal(first[both], starts[0][1][0][both])
    assert not torch.equal(first[both], second[both]), "each level draws anew"


def test_one_shot(tmp_path: Path) -> None:
    job = small_job(tmp_path, keeps=(352, 60))
    done = rows(run(job))
    assert {key: row["weights"] for key, row in done.items() if key[0] == 0} == {(0, 0): 352, (0, 1): 60}


def test_going_on_from_tickets_is_not_stopping(tmp_path: Path) -> None:
    whole, cut = (small_job(tmp_path / name, restore_best=True) for name in ("whole", "cut"))
    run(whole)
    run(replace(cut, keeps=cut.keeps[:2]))
    said = run(replace(cut, first_level=2))
    assert {message.level for message in said if isinstance(message, LevelDone)} == {2, 3}
    for seed in whole.seeds:
        assert_same_bits(whole, cut, seed)


def test_going_on_without_tickets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no tickets of level 1"):
        run(small_job(tmp_path, first_level=2))


def test_a_diverged_seed_fails_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    well = small_job(tmp_path / "well", seeds=(0, 2))
    run(well)
    # Seed 1 alone starts from values that overflow.
    import lth.training.train

    original = lth.training.train.initial_rows

    def poisoned(widths, seeds, *arguments, **options):
        drawn = original(widths, seeds, *arguments, **options)
        if 1 in seeds:
            drawn[list(seeds).index(1)] *= 1e30
        return drawn

    monkeypatch.setattr(lth.training.train, "initial_rows", poisoned)
    job = small_job(tmp_path / "stack", seeds=(0, 1, 2))
    said = run(job)
    assert [m for m in said if isinstance(m, SeedFailed)] == [SeedFailed(1, 0, 1, "the loss is not finite")]
    for seed in (0, 2):
        assert_same_bits(well, job, seed)


def test_all_seeds_diverged_ends_the_fit(tmp_path: Path) -> None:
    job = small_job(tmp_path, optimizer=partial(torch.optim.SGD, lr=1e30))
    said = run(job)
    assert {m.seed for m in said if isinstance(m, SeedFailed)} == {0, 1, 2}


def test_weights_may_rest_only_where_nothing_but_a_gradient_moves_them() -> None:
    assert still(ADAM, carried=False)
    assert not still(ADAM, carried=True)
    assert still(partial(torch.optim.SGD, lr=0.1, momentum=0.9), carried=False)
    assert not still(partial(torch.optim.AdamW, lr=0.1, weight_decay=0.1), carried=False)


def test_a_penalty_moves_what_no_gradient_reaches(tmp_path: Path) -> None:
    """So inactive weights leave their anchors: no neuron may be left out."""
    job = small_job(tmp_path, (16, 16), 7, penalty=L1(strength=1e-3))
    run(job)
    moved = 0
    for seed in job.seeds:
        for ticket in tickets(job, seed):
            kept = ticket.masks[1] & np.logical_not(ticket.masks[2].any(axis=0))[:, None]
            moved += int((ticket.weights[1][kept] != ticket.anchors[1][kept]).sum())
    assert moved > 0
