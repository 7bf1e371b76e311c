"""Distributions over weights, gates and learned noise: what they draw, what they cost, what is kept."""

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from lth.method.criterion.gate import Gate
from lth.method.criterion.magnitude import Magnitude
from lth.method.criterion.noise_ratio import NoiseRatio
from lth.method.criterion.snr import SNR
from lth.method.effective.effective import Effective
from lth.method.effective.gaussian import Gaussian, rho_of
from lth.method.effective.hard_concrete import HardConcrete, chance_of_open, open_by
from lth.method.effective.spike_slab import SpikeSlab
from lth.method.effective.variational_dropout import VariationalDropout, log_alpha
from lth.method.layout import Layout
from lth.method.penalty.expected_l0 import ExpectedL0
from lth.method.penalty.kl_dropout import KLDropout
from lth.method.penalty.kl_gaussian import KLGaussian
from lth.method.penalty.kl_mixture import KLMixture
from lth.method.penalty.kl_spike_slab import KLSpikeSlab
from lth.method.penalty.penalty import Penalty
from lth.method.prune import prune
from tests.method.test_criteria import candidates

LAYOUT = Layout((4, 300, 2))
WEIGHTS = LAYOUT.is_weight(LAYOUT.size)
EFFECTIVES = [Gaussian(0.1), SpikeSlab(0.1, 0.7), HardConcrete(), VariationalDropout(-4.0)]


def raw_of(effective: Effective, weight: float = 0.3, seeds: int = 1, width: int = LAYOUT.size) -> dict[str, Tensor]:
    row = torch.full((seeds, LAYOUT.size), weight, dtype=torch.float64)
    raw = {"weight": row, **effective.begin(row, LAYOUT)}
    return {name: torch.nn.functional.pad(rows, (0, width - LAYOUT.size)) for name, rows in raw.items()}


def drawn(effective: Effective, raw: Mapping[str, Tensor], seeds: tuple[int, ...] = (0,), times: int = 1) -> Tensor:
    streams = [torch.Generator().manual_seed(seed) for seed in seeds]
    return torch.cat([effective.weights(raw, LAYOUT, streams) for _ in range(times)])


def cost(rule: Penalty, raw: Mapping[str, Tensor], steps: int = 0) -> Tensor:
    numbers = {"batches": torch.tensor(4.0), "observations": torch.tensor(1.0)}
    known = {"steps": torch.full((len(raw["weight"]),), steps), "computed": raw["weight"]}
    return rule.penalty({**known, **raw, **numbers}, WEIGHTS.expand(len(raw["weight"]), -1), LAYOUT)


@pytest.mark.parametrize("effective", EFFECTIVES, ids=lambda part: type(part).__name__)
def test_noise_is_each_seeds_own(effective: Effective) -> None:
    both = drawn(effective, raw_of(effective, seeds=2), (5, 6))
    assert torch.equal(both[1:], drawn(effective, raw_of(effective), (6,)))
    assert not torch.equal(both[0], both[1])
    padded = drawn(effective, raw_of(effective, width=LAYOUT.size + 50), (5,))
    torch.testing.assert_close(padded[:, : LAYOUT.size], both[:1], rtol=1e-14, atol=0)
    assert not padded[:, LAYOUT.size :].any()


@pytest.mark.parametrize("effective", EFFECTIVES, ids=lambda part: type(part).__name__)
def test_biases_have_no_noise_and_what_is_measured_has_none(effective: Effective) -> None:
    raw = raw_of(effective)
    assert (drawn(effective, raw)[~WEIGHTS] == 0.3).all()
    assert (effective.measured(raw, LAYOUT)[~WEIGHTS] == 0.3).all()
    assert torch.equal(effective.measured(raw, LAYOUT), effective.measured(raw, LAYOUT))


@pytest.mark.parametrize("effective", EFFECTIVES, ids=lambda part: type(part).__name__)
def test_every_trained_tensor_feels_the_network(effective: Effective) -> None:
    raw = {name: rows.requires_grad_() for name, rows in raw_of(effective).items()}
    found = torch.autograd.grad(drawn(effective, raw).square().sum(), [raw[name] for name in effective.trained])
    assert all(gradient[WEIGHTS].abs().mean() > 1e-3 for gradient in found)


def test_gaussian_weights_have_their_mean_and_deviation() -> None:
    found = drawn(Gaussian(0.1), raw_of(Gaussian(0.1)), times=40)[:, WEIGHTS[0]]
    assert found.mean().item() == pytest.approx(0.3, abs=3e-3)
    assert found.std().item() == pytest.approx(0.1, rel=2e-2)
    assert softplus(torch.tensor(rho_of(1e-6)).double()).item() == pytest.approx(1e-6, rel=1e-4)


def test_spike_and_slab_weights_are_zero_as_often_as_they_say() -> None:
    effective = SpikeSlab(0.1, 0.7)
    found = drawn(effective, raw_of(effective), times=40)[:, WEIGHTS[0]]
    assert (found != 0).double().mean().item() == pytest.approx(0.7, abs=0.01)
    mean = effective.measured(raw_of(effective), LAYOUT)[:, WEIGHTS[0]]
    assert found.mean().item() == pytest.approx(mean.mean().item(), abs=3e-3)


@pytest.mark.parametrize(("alpha", "chance"), [(-2.0, 0.401), (0.0, 0.832), (1.5, 0.957)])
def test_hard_concrete_gates_are_open_as_often_as_the_formula_says(alpha: float, chance: float) -> None:
    raw = {"weight": torch.ones(1, LAYOUT.size).double(), "log_alpha": torch.full((1, LAYOUT.size), alpha).double()}
    gates = drawn(HardConcrete(), raw, times=100)[:, WEIGHTS[0]]
    assert (gates != 0).double().mean().item() == pytest.approx(chance, abs=0.01)
    assert chance_of_open(torch.tensor(alpha)).item() == pytest.approx(chance, abs=1e-3)
    assert cost(ExpectedL0(1.0), raw).item() == pytest.approx(chance * int(WEIGHTS.sum()), rel=2e-3)
    assert 0 == gates.min() < gates.max() == 1
    assert 0.1 < ((gates > 0) & (gates < 1)).double().mean() < 0.9, "mass between as well"


def test_gates_without_noise_shut_at_the_threshold_of_the_preset() -> None:
    ends = torch.tensor([-2.3980, -2.3978, 2.3978, 2.3980]).double()
    found = open_by(ends)
    assert found[0] == 0 < found[1]
    assert found[2] < 1 == found[3]


def test_gates_start_by_layer() -> None:
    found = HardConcrete(dropped_inputs=0.2, dropped=0.5).begin(torch.zeros(2, LAYOUT.size), LAYOUT)["log_alpha"]
    assert torch.allclose(LAYOUT.weight(found, 0).sigmoid(), torch.tensor(0.8))
    assert torch.equal(LAYOUT.weight(found, 1), torch.zeros(2, 2, 300))


def test_noise_beyond_the_weight_is_pruned() -> None:
    stack = candidates(rows=2)
    stack.whole.state["log_variance"][:] = 2 * math.log(0.1)
    scores = NoiseRatio(threshold=-3.0).score(stack)
    found = log_alpha(stack.trained, torch.full_like(stack.trained, 2 * math.log(0.1)))
    assert torch.equal(scores < -3, found > 3)
    assert (stack.trained.abs()[found > 3] < 0.1 * math.exp(-1.5) + 1e-6).all()


@pytest.mark.parametrize("sigma", [0.01, 0.3])
def test_with_equal_noise_signal_to_noise_is_the_magnitude(sigma: float) -> None:
    stack = candidates()
    stack.whole.state["rho"][:] = rho_of(sigma)
    by_snr, by_size = (prune(rule.score(stack), stack.mask, 40) for rule in (SNR(), Magnitude()))
    assert torch.equal(by_snr, by_size)


def test_of_equal_weights_the_most_certain_stay() -> None:
    stack = candidates()
    stack = replace(stack, trained=torch.ones_like(stack.trained))
    kept = prune(SNR().score(stack), stack.mask, 40)
    noise = softplus(stack.own("rho"))
    for row in range(len(kept)):
        assert noise[row][kept[row]].max() <= noise[row][stack.mask[row] & ~kept[row]].min()


def test_of_equal_gates_those_of_larger_weights_stay_open() -> None:
    """Even of gates that are shut, behind which all that is measured is 0."""
    stack = candidates()
    stack.whole.state["log_alpha"][:] = -4.6
    shut = replace(stack, trained=torch.zeros_like(stack.trained))
    equal, sizes = prune(Gate().score(shut), stack.mask, 40), prune(Magnitude().score(stack), stack.mask, 40)
    assert torch.equal(equal, sizes)


def test_no_two_noises_are_equal_because_they_are_large() -> None:
    stack = candidates(rows=2)
    stack.whole.state["log_variance"][:] = 40 + torch.arange(stack.whole.layout.size) / 100
    scores = NoiseRatio().score(replace(stack, trained=torch.ones_like(stack.trained)))
    assert (scores.diff(dim=1) < 0).all()


@pytest.mark.parametrize(
    ("part", "wrong", "said"),
    [
        (Gaussian, {"sigma": 0.0}, "sigma=0.0"),
        (SpikeSlab, {"included": 1.0}, "included=1.0"),
        (SpikeSlab, {"temperature": -1.0}, "temperature=-1.0"),
        (HardConcrete, {"dropped": 0.0}, "dropped=0.0"),
        (VariationalDropout, {"log_variance": 3.0}, "log_variance=3.0"),
        (KLGaussian, {"strength": 1.0, "deviation": 0.0}, "deviation=0.0"),
        (KLMixture, {"strength": 1.0, "share": 0.5, "wide": 0.1, "narrow": 0.2}, "narrow=0.2, wide=0.1"),
        (KLMixture, {"strength": 1.0, "share": 1.0, "wide": 0.1, "narrow": 0.01}, "share=1.0"),
        (KLMixture, {"strength": 1.0, "share": 0.5, "wide": 1.0, "narrow": 0.1, "weighting": "odd"}, "weighting=odd"),
        (KLSpikeSlab, {"strength": 1.0, "deviation": 1.0, "included": 0.0}, "included=0.0"),
        (KLDropout, {"strength": 1.0, "ramp": -1}, "ramp=-1"),
        (ExpectedL0, {"strength": 0.0}, "strength=0.0"),
    ],
)
def test_ranges(part: type, wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        part(**wrong)
