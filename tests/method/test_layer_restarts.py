"""Restarts of Zhou et al. (2019): what survivors start from, layer by layer, and where pruned weights are held."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest
import torch

from lth.method.layout import Layout
from lth.method.restart.held_at_zero import HeldAtZero
from lth.method.restart.permuted import Permuted
from lth.method.restart.restart import Pruned, Restart
from lth.method.restart.sign_constant import SignConstant
from lth.settings.initialisers import Initialiser
from lth.training.mlp import deviations, initial_rows

WIDTHS = (4, 13, 9, 2)


def pruned(seeds: Sequence[int] = (3, 5, 8), level: int = 2) -> Pruned:
    layout, draw = Layout(WIDTHS), torch.Generator().manual_seed(0)
    anchor = initial_rows(WIDTHS, [3, 5, 8], bias_init="normal")
    mask = (torch.rand(anchor.shape, generator=draw) < 0.6) | ~layout.is_weight(layout.size)
    trained = (anchor + torch.randn(anchor.shape, generator=draw)) * mask
    rows = [(3, 5, 8).index(seed) for seed in seeds]
    drawn_with = deviations(WIDTHS, "kaiming_normal")
    return Pruned(trained[rows], anchor[rows], mask[rows], layout, tuple(seeds), level, anchor[rows].clone, drawn_with)


RULES = [
    SignConstant(), SignConstant(signs="permuted"), SignConstant(rescaled=True), Permuted(), Permuted(signed=True),
    Permuted("kept"), Permuted("kept", signed=True), Permuted("kept", rescaled=True),
    Permuted("all", signed=True, rescaled=True), SignConstant(signs="permuted", rescaled=True),
]  # fmt: skip
every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)


@every_rule
def test_a_seed_restarts_alone_as_in_any_stack(rule: Restart) -> None:
    whole = rule.restart(pruned())
    assert torch.equal(rule.restart(pruned((8, 3))), whole[[2, 0]])
    permutes = isinstance(rule, Permuted) or rule.signs == "permuted"  # type: ignore[attr-defined]
    assert torch.equal(rule.restart(pruned(level=3)), whole) != permutes, "what is drawn is keyed by the level"


@every_rule
def test_biases_and_pruned_weights_go_back_to_the_anchor(rule: Restart) -> None:
    stack = pruned()
    there = stack.mask & stack.layout.is_weight(stack.layout.size)
    found = rule.restart(stack)
    assert torch.equal(found[~there], stack.anchor[~there])
    assert not torch.equal(found, stack.anchor)


def test_a_layer_has_three_values() -> None:
    stack = pruned()
    found = SignConstant().restart(stack) * stack.mask
    for layer, fan_in in enumerate(WIDTHS[:-1]):
        weights, anchors = (stack.layout.weight(rows, layer) for rows in (found, stack.anchor))
        size = torch.tensor(2 / fan_in).sqrt().item()
        assert weights.unique().tolist() == pytest.approx([-size, 0, size], rel=1e-6)
        assert (weights * anchors >= 0).all(), "a sign changed"


@pytest.mark.parametrize("name", get_args(Initialiser))
def test_deviations_are_those_of_the_draws(name: str) -> None:
    widths = (300, 200, 400, 50)
    layout, row = Layout(widths), initial_rows(widths, [0], name)
    for layer, expected in enumerate(deviations(widths, name)):
        assert layout.weight(row, layer).std().item() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("values", ["all", "kept"])
def test_permuted_values_are_the_layers_own(values: str, signed: bool) -> None:
    stack = pruned()
    found = Permuted(values, signed).restart(stack)  # type: ignore[arg-type]
    for layer in range(stack.layout.depth):
        now, old, mask = (stack.layout.weight(rows, layer) for rows in (found, stack.anchor, stack.mask))
        assert torch.isin(now[mask].abs(), old.abs()).all()
        assert (now != old)[mask].double().mean() > 0.5
        signs = now[mask].sign() == old[mask].sign()
        assert signs.all() if signed else not signs.all()
        for row in range(len(now)):
            a, b = now[row][mask[row]].abs().sort().values, old[row][mask[row]].abs().sort().values
            assert torch.equal(a, b) == (values == "kept")


def test_permuted_signs_are_the_layers_own() -> None:
    stack = pruned()
    own, lots = (SignConstant(signs=signs).restart(stack) for signs in ("own", "permuted"))  # type: ignore[arg-type]
    assert torch.equal((own * stack.mask).abs(), (lots * stack.mask).abs())
    assert not torch.equal(own, lots)
    everything = replace(stack, mask=torch.ones_like(stack.mask))
    for layer in range(stack.layout.depth):
        sums = [stack.layout.weight(SignConstant(signs=signs).restart(everything), layer).sum(dim=(1, 2))
                for signs in ("own", "permuted")]  # type: ignore[arg-type]  # fmt: skip
        torch.testing.assert_close(*sums)


def test_rescaling_makes_up_for_what_is_gone() -> None:
    stack = pruned()
    plain, scaled = (SignConstant(rescaled=on).restart(stack) for on in (False, True))
    for layer in range(stack.layout.depth):
        a, b, mask = (stack.layout.weight(rows, layer) for rows in (plain, scaled, stack.mask))
        torch.testing.assert_close(
            (b * mask).abs().sum(dim=(1, 2)), (a * mask).abs().amax(dim=(1, 2)) * mask[0].numel()
        )


@pytest.mark.parametrize(
    ("rule", "wrong"), [(SignConstant, {"signs": "none"}), (Permuted, {"values": "some"}), (HeldAtZero, {"which": "x"})]
)
def test_what_cannot_be_is_refused(rule: type, wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        rule(**wrong)
