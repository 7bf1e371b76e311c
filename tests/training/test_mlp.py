"""The stacked network against nn.Linear, and how it starts."""

import math

import pytest
import torch

from lth.method.layout import Layout
from lth.training.mlp import BIAS_INITIALISERS, INITIALISERS, StackedMLP, initial_rows


def test_forward_is_that_of_linear_layers() -> None:
    widths, seeds = (5, 7, 6, 3), (0, 1, 2)
    model = StackedMLP(widths, initial_rows(widths, seeds, bias_init="normal", dtype=torch.float64))
    model.mask[:, :35] = torch.rand(3, 35) < 0.5
    x = torch.randn(11, 5, dtype=torch.float64)
    found = model(x)
    for place in range(3):
        values = x
        for layer in range(3):
            weight = model.layout.weight(model.weight, layer)[place] * model.layout.weight(model.mask, layer)[place]
            values = torch.nn.functional.linear(values, weight, model.layout.bias(model.weight, layer)[place])
            values = values.relu() if layer < 2 else values
        torch.testing.assert_close(found[place], values)


@pytest.mark.parametrize("init", INITIALISERS)
@pytest.mark.parametrize("bias_init", BIAS_INITIALISERS)
def test_a_seed_starts_alike_in_every_stack(init: str, bias_init: str) -> None:
    widths = (4, 9, 2)
    both = initial_rows(widths, (3, 8), init, bias_init)
    assert torch.equal(both[1:], initial_rows(widths, (8,), init, bias_init))
    assert not torch.equal(both[0], both[1])
    assert torch.isfinite(both).all()
    biases = Layout(widths).bias(both, 0)
    assert (biases == 0).all() == (bias_init == "zeros")


def test_kaiming_is_fan_in_with_the_gain_of_relu() -> None:
    rows = initial_rows((400, 300, 2), (0,))
    assert Layout((400, 300, 2)).weight(rows, 0).std().item() == pytest.approx(math.sqrt(2 / 400), rel=0.02)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="kaiming_normal"):
        initial_rows((2, 2), (0,), "heroic")
