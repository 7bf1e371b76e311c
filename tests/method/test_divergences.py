"""What it costs that a weight's distribution is not its prior."""

import pytest
import torch

from lth.method.effective.gaussian import Gaussian
from lth.method.effective.spike_slab import SpikeSlab
from lth.method.effective.variational_dropout import VariationalDropout, divergence
from lth.method.penalty.kl_dropout import KLDropout
from lth.method.penalty.kl_gaussian import KLGaussian
from lth.method.penalty.kl_mixture import KLMixture
from lth.method.penalty.kl_spike_slab import KLSpikeSlab
from tests.method.test_posteriors import WEIGHTS, cost, drawn, raw_of


def test_divergence_of_dropout_falls_to_nothing() -> None:
    alphas = torch.linspace(-8, 8, 200).double()
    found = divergence(alphas)
    assert (found.diff() < 0).all()
    assert divergence(torch.tensor([3.0, 8.0])).tolist() == pytest.approx([0.0254, 1.7e-4], rel=1e-2)
    k1, k2, k3 = 0.63576, 1.87320, 1.48695
    source = -(k1 * torch.sigmoid(k2 + k3 * alphas) - 0.5 * torch.log1p((-alphas).exp()) - k1)
    assert torch.allclose(found, source, atol=1e-12)


def test_the_price_of_dropout_ramps_up() -> None:
    raw = raw_of(VariationalDropout(-4.0))
    found = [cost(KLDropout(1.0, 100), raw, steps).item() for steps in (0, 50, 100, 5000)]
    assert found[0] == 0 < found[1]
    assert found[1] * 2 == pytest.approx(found[2])
    assert found[2] == found[3] == cost(KLDropout(1.0, 0), raw).item()


def test_nothing_is_paid_where_the_posterior_is_the_prior() -> None:
    at_prior = raw_of(Gaussian(0.5), weight=0.0)
    assert cost(KLGaussian(1.0, 0.5), at_prior).item() == pytest.approx(0, abs=1e-9)
    assert cost(KLSpikeSlab(1.0, 0.5, 0.3), raw_of(SpikeSlab(0.5, 0.3), 0.0)).item() == pytest.approx(0, abs=1e-9)
    assert cost(KLGaussian(1.0, 0.5), raw_of(Gaussian(0.5), 0.1)).item() > 1
    assert cost(KLGaussian(1.0, 0.5), raw_of(Gaussian(0.4), 0.0)).item() > 1
    assert cost(KLSpikeSlab(1.0, 0.5, 0.3), raw_of(SpikeSlab(0.5, 0.4), 0.0)).item() > 1


def test_a_drawn_divergence_is_the_exact_one_in_the_mean() -> None:
    effective = Gaussian(0.1)
    raw = raw_of(effective)
    sampled = KLMixture(1.0, share=0.5, wide=0.5, narrow=0.4999999)
    found = [cost(sampled, {**raw, "computed": weights[None]}).item() for weights in drawn(effective, raw, times=60)]
    exact = cost(KLGaussian(1.0, 0.5), raw).item()
    assert sum(found) / len(found) == pytest.approx(exact, rel=1e-2)
    known = torch.distributions.kl_divergence(torch.distributions.Normal(0.3, 0.1), torch.distributions.Normal(0, 0.5))
    assert exact == pytest.approx(known.item() * int(WEIGHTS.sum()), rel=1e-6)


def test_the_wide_and_narrow_prior_is_a_density() -> None:
    rule = KLMixture(1.0, share=0.25, wide=1.0, narrow=0.01)
    places = torch.linspace(-8, 8, 200_001).double()
    assert torch.trapezoid(rule.log_prior(places).exp(), places).item() == pytest.approx(1, abs=1e-6)


def test_halving_weighs_the_batches_of_an_epoch() -> None:
    raw = raw_of(Gaussian(0.1))
    even, halving = (KLMixture(1.0, 0.5, 1.0, 0.1, weighting) for weighting in ("even", "halving"))  # type: ignore[arg-type]
    found = [cost(halving, raw, steps).item() / cost(even, raw, steps).item() for steps in range(4, 8)]
    assert found == pytest.approx([4 * share / 15 for share in (8, 4, 2, 1)])
