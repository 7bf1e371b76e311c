"""When a level ends, against a plain reading."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lth.method.stopping import Stopping, StoppingRule


def plain(losses: list[float], rule: StoppingRule) -> int | None:
    """The epoch, counted from 1, at which one seed's level is over; None if it goes on."""
    best, waited = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, waited = loss, 0
        else:
            waited += 1
        cut = rule.loss_cutoff is not None and loss <= rule.loss_cutoff
        if waited >= rule.patience or epoch >= rule.max_epochs or cut or not math.isfinite(loss):
            return epoch
    return None


LOSSES = st.lists(st.sampled_from([0.1, 0.2, 0.25, 0.5, math.inf, math.nan]), min_size=1, max_size=12)


@given(
    curves=st.lists(LOSSES, min_size=1, max_size=4),
    rule=st.builds(StoppingRule, st.integers(1, 4), st.integers(1, 10), st.none() | st.sampled_from([0.1, 0.25, 0.5])),
)
def test_as_read_plainly(curves: list[list[float]], rule: StoppingRule) -> None:
    length = min(map(len, curves))
    stopping = Stopping(rule, len(curves))
    ended: list[int | None] = [None] * len(curves)
    for epoch in range(length):
        stopping.update(torch.tensor([curve[epoch] for curve in curves]))
        for seed, over in enumerate(stopping.over.tolist()):
            ended[seed] = ended[seed] or (epoch + 1 if over else None)
    # float32 losses against a float64 cutoff: of the sampled values 0.25 and 0.5 are the same number in both
    assert ended == [plain([float(torch.tensor(v)) for v in curve[:length]], rule) for curve in curves]
    epochs = [end or length for end in ended]
    assert stopping.epochs.tolist() == epochs


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_loss_of_exactly_the_cutoff_is_low_enough(dtype: torch.dtype) -> None:
    stopping = Stopping(StoppingRule(9, 9, loss_cutoff=0.25), 3)
    stopping.update(torch.tensor([0.2499, 0.25, 0.2501], dtype=dtype))
    assert stopping.over.tolist() == [True, True, False]


def test_select_keeps_the_state_of_the_others() -> None:
    stopping = Stopping(StoppingRule(3, 100), 3)
    for losses in ([3.0, 2.0, 1.0], [3.0, 1.0, 1.0]):
        stopping.update(torch.tensor(losses))
    stopping.select(torch.tensor([1, 2]))
    assert stopping.waited.tolist() == [0, 1]
    assert stopping.best.tolist() == [1.0, 1.0]
    assert stopping.epochs.tolist() == [2, 2]
