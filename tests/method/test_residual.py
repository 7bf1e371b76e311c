"""Residual matrices: of rank one apart, in training, in tickets and under masks."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.method.effective.residual import Residual
from lth.method.layout import Layout
from lth.method.stopping import StoppingRule
from lth.settings import ConfigurationError
from tests.method.networks import by_lot
from tests.small_jobs import run, run_by_both, small_job, tickets
from tests.training.test_stack_of_seeds import check

WIDTHS = (4, 6, 6, 6, 6, 2)
LAYOUT = Layout(WIDTHS)
SHORT = StoppingRule(patience=4, max_epochs=4)
RESTLESS = partial(torch.optim.Adam, lr=0.01)


def test_neighbours_are_one_product_apart() -> None:
    weight = by_lot(WIDTHS, seeds=3)
    raw = {"weight": weight, **Residual().begin(weight, LAYOUT)}
    found = Residual().measured(raw, LAYOUT)
    for layer in (2, 3):
        apart = LAYOUT.weight(found, layer) - LAYOUT.weight(found, layer - 1)
        assert torch.linalg.matrix_rank(apart).tolist() == [1, 1, 1]
    for layer in (0, 1, 4):
        assert torch.equal(LAYOUT.weight(found, layer), LAYOUT.weight(weight, layer))
    for layer in range(5):
        assert torch.equal(LAYOUT.bias(found, layer), LAYOUT.bias(weight, layer))


def test_a_layer_has_two_vectors_and_nothing_else_to_train() -> None:
    weight = by_lot(WIDTHS, seeds=1)
    raw = {name: rows.requires_grad_() for name, rows in {"weight": weight, **Residual().begin(weight, LAYOUT)}.items()}
    found = Residual().weights(raw, LAYOUT, [])
    slopes = torch.autograd.grad((found * by_lot(WIDTHS, seeds=1)).sum(), list(raw.values()))
    moved = sum(int((slope != 0).sum()) for slope in slopes)
    assert moved == LAYOUT.size - 2 * 36 + 2 * (6 + 6)
    assert torch.autograd.gradcheck(
        lambda *rows: Residual().weights(dict(zip(raw, rows, strict=True)), LAYOUT, []), tuple(raw.values())
    )


def test_rows_may_be_longer() -> None:
    weight = by_lot(WIDTHS, seeds=2)
    longer = torch.nn.functional.pad(weight, (0, 9))
    found = Residual().measured({"weight": longer, **Residual().begin(longer, LAYOUT)}, LAYOUT)
    assert found.shape == longer.shape
    assert torch.equal(
        found[:, : LAYOUT.size], Residual().measured({"weight": weight, **Residual().begin(weight, LAYOUT)}, LAYOUT)
    )


def test_tickets_hold_what_the_network_computes_with(tmp_path: Path) -> None:
    job = small_job(tmp_path, (6, 6, 6), 2, effective=Residual(), optimizer=RESTLESS)
    run(job)
    for seed in job.seeds:
        before = None
        for ticket in tickets(job, seed):
            both = ticket.masks[1] & ticket.masks[2]
            apart = np.where(both, ticket.weights[2] - ticket.weights[1], 0)
            assert np.linalg.matrix_rank(apart, tol=1e-4) == 1 or not both.all()
            left, right = (Layout((4, 6, 6, 6, 2)).bias(torch.from_numpy(ticket.state[name])[None], 2)[0].numpy()
                           for name in ("left", "right"))  # fmt: skip
            np.testing.assert_allclose(apart, np.where(both, np.outer(left, right), 0), atol=1e-5)
            if before is not None:  # magnitude is that of what is computed with
                kept = [np.abs(w)[m] for w, m in zip(before.weights, ticket.masks, strict=True)]
                gone = [np.abs(w)[m & ~n] for w, m, n in zip(before.weights, before.masks, ticket.masks, strict=True)]
                assert np.concatenate(kept).min() >= np.concatenate(gone).max()
                assert ticket.row["min_kept_magnitude"] == pytest.approx(np.concatenate(kept).min(), rel=1e-6)
            before = ticket


def test_the_kernel_and_pytorchs_path_agree(tmp_path: Path) -> None:
    ours, theirs = run_by_both(tmp_path, (6, 6, 6), 2, effective=Residual(), optimizer=RESTLESS, stopping=SHORT)
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)


def test_a_seed_is_the_same_bits_in_every_company(tmp_path: Path) -> None:
    job = partial(small_job, hidden=(7, 7, 7), levels=2, effective=Residual(), optimizer=RESTLESS, stopping=SHORT)
    check(job, (0, 1, 2), tmp_path, alone=(0,))


@pytest.mark.parametrize(("given", "says"), [
    ("model.hidden=[6,6,7]", "the hidden layers must have one width, not \\[6, 6, 7\\]"),
    ("model=mlp", "2 hidden layers have no two matrices"),
    ("pruning.biases=true", "pruning.biases must be false"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(given: str, says: str, tmp_path: Path) -> None:
    small = ("dataset.n_train=20", "dataset.n_val=20", "dataset.n_test=20", "pruning=residual")
    with pytest.raises(ConfigurationError, match=says):
        prepare(compose([*small, "pruning.schedule.density=0.2", given]), tmp_path)
