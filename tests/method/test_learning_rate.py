"""Schedules of the learning rate against torch.optim.lr_scheduler, step by step."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, MultiStepLR

from lth.method.learning_rate.cosine import Cosine
from lth.method.learning_rate.learning_rate import LearningRate
from lth.method.learning_rate.milestones import Milestones

STEPS, BATCHES = 60, 4


def warm_up(optimizer: SGD, steps: int) -> LambdaLR:
    return LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / steps))


def by_epoch(make: Callable[[SGD], LRScheduler], warmup: int = 0) -> np.ndarray:
    """The learning rates of a plain loop, as factors: one scheduler stepped by epoch, the warm-up by step."""
    found = np.ones(STEPS)
    for epochwise in (True, False):
        optimizer = SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = make(optimizer) if epochwise else warm_up(optimizer, max(warmup, 1))
        for step in range(STEPS):
            found[step] *= optimizer.param_groups[0]["lr"]
            optimizer.step()
            if not epochwise or (step + 1) % BATCHES == 0:
                scheduler.step()
    return found


CASES: dict[str, tuple[LearningRate, np.ndarray]] = {
    "milestones": (Milestones(0, (2, 5, 9)), by_epoch(lambda o: MultiStepLR(o, [2, 5, 9]))),
    "warm-up": (Milestones(warmup=10), by_epoch(lambda o: MultiStepLR(o, []), 10)),
    "both": (Milestones(10, (2, 7), 0.5), by_epoch(lambda o: MultiStepLR(o, [2, 7], 0.5), 10)),
    "cosine": (Cosine(epochs=15), by_epoch(lambda o: CosineAnnealingLR(o, 15))),
    "cosine and warm-up": (Cosine(15, 10), by_epoch(lambda o: CosineAnnealingLR(o, 15), 10)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_factors_are_torchs(case: str) -> None:
    rule, expected = CASES[case]
    np.testing.assert_allclose(rule.factors(np.arange(STEPS), BATCHES), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_a_schedule_can_be_entered_anywhere(case: str) -> None:
    rule, expected = CASES[case]
    np.testing.assert_allclose(rule.factors(np.arange(7, 20), BATCHES), expected[7:20], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_a_linear_layer_learns_as_by_torch(case: str) -> None:
    """Steps of gradient descent with these factors are those with torch's schedulers."""
    rule, expected = CASES[case]
    x, y = torch.randn(32, 3, generator=torch.Generator().manual_seed(0)), torch.ones(32, 1)
    ends = []
    for factors in (rule.factors(np.arange(STEPS), BATCHES), expected):
        torch.manual_seed(0)
        layer = nn.Linear(3, 1)
        optimizer = SGD(layer.parameters(), lr=0.1)
        for factor in factors:
            optimizer.param_groups[0]["lr"] = 0.1 * float(factor)
            optimizer.zero_grad()
            nn.functional.mse_loss(layer(x), y).backward()
            optimizer.step()
        ends.append(torch.cat([layer.weight.detach().flatten(), layer.bias.detach()]))
    torch.testing.assert_close(*ends)


def test_a_warm_up_rises_from_its_first_share_and_then_rests() -> None:
    factors = Milestones(warmup=8).factors(np.arange(20), BATCHES)
    assert factors[0] == 1 / 8
    np.testing.assert_allclose(np.diff(factors[:8]), 1 / 8)
    assert (factors[8:] == 1).all()


def test_half_a_wave_stays_down() -> None:
    factors = Cosine(epochs=3).factors(np.arange(100), BATCHES)
    assert factors[0] == 1
    assert (np.diff(factors) <= 0).all()
    assert (factors[3 * BATCHES :] == 0).all()


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (Milestones, {"warmup": -1}), (Milestones, {"milestones": (3, 3)}), (Milestones, {"milestones": (0,)}),
        (Milestones, {"gamma": 0.0}), (Milestones, {"gamma": 1.5}), (Cosine, {"epochs": 0}),
        (Cosine, {"epochs": 3, "warmup": -1}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(rule: type, wrong: dict) -> None:
    with pytest.raises(ValueError, match=list(wrong)[-1]):
        rule(**wrong)
