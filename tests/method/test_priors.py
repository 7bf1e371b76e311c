"""Heavy-tailed priors: the prices are the logarithms of the densities, by other ways to these."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats
from torch import Tensor

from lth.method.penalty.beta_prime import BetaPrime
from lth.method.penalty.horseshoe_plus import HorseshoePlus
from lth.method.penalty.horseshoe_surrogate import HorseshoeSurrogate
from lth.method.penalty.log_student_t import LogStudentT
from lth.method.penalty.normal_jeffreys import NormalJeffreys
from lth.method.penalty.penalty import Penalty
from lth.method.penalty.student_t import StudentT
from tests.method.test_penalties import NAMES, everywhere, penalty, term, value_and_gradient

TAU, EPSILON = 0.3, 1e-5
SIZES = np.logspace(-3, 2, 26)  # far above epsilon
GAMMA_GAMMA = (0.51, 0.01)
PAIRS = [(0.5, 0.5), (0.6, 0.1), (1.0, 0.25), (0.5, 1.0), GAMMA_GAMMA]


def price(rule: Penalty, sizes: np.ndarray = SIZES) -> np.ndarray:
    weights = torch.from_numpy(sizes)[:, None]
    return term(rule, weights, everywhere(weights)).numpy()


def assert_same_but_a_constant(prices: np.ndarray, log_density: np.ndarray, tolerance: float = 1e-6) -> None:
    constants = prices + log_density
    np.testing.assert_allclose(constants, constants[0], atol=tolerance)


def by_quadrature(density: object, size: float) -> float:
    """log ∫ N(w | 0, λ²·TAU²)·p(λ) dλ at w² = size² + EPSILON², over log λ in parts around the integrand's peak."""
    size = math.hypot(size, EPSILON)

    def integrand(t: float) -> float:
        return stats.norm.pdf(size, scale=math.exp(t) * TAU) * density(math.exp(t)) * math.exp(t)  # type: ignore[operator]

    middle = math.log(size / TAU)
    parts = ((middle - 6, middle), (middle, middle + 10), (middle + 10, middle + 40))
    return math.log(sum(integrate.quad(integrand, *part, epsabs=0, epsrel=1e-10, limit=200)[0] for part in parts))


def test_the_horseshoe_is_the_exponential_integral() -> None:
    z = (SIZES**2 + EPSILON**2) / (2 * TAU**2)
    assert_same_but_a_constant(
        price(BetaPrime(1.0, TAU, EPSILON, 0.5, 0.5))[z < 600], np.log(special.exp1(z[z < 600])) + z[z < 600]
    )


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_beta_prime_scales_are_tricomis_function(a: float, b: float) -> None:
    z = (SIZES**2 + EPSILON**2) / (2 * TAU**2)
    known = z < 50  # beyond, scipy's own value is coarse
    assert_same_but_a_constant(
        price(BetaPrime(1.0, TAU, EPSILON, a, b))[known], np.log(special.hyperu(a + 0.5, 1.5 - b, z[known]))
    )


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_beta_prime_scales_by_quadrature(a: float, b: float) -> None:
    logs = [by_quadrature(lambda scale: 2 * scale * stats.betaprime.pdf(scale**2, b, a), size) for size in SIZES[::5]]
    assert_same_but_a_constant(price(BetaPrime(1.0, TAU, EPSILON, a, b), SIZES[::5]), np.array(logs))


def half_cauchy_product(scale: float) -> float:
    return 4 / math.pi**2 * (math.log(scale) / (scale**2 - 1) if scale != 1 else 0.5)


def test_the_horseshoe_plus_by_quadrature() -> None:
    whole = integrate.quad(lambda t: half_cauchy_product(math.exp(t)) * math.exp(t), -40, 40, limit=200)[0]
    assert whole == pytest.approx(1, abs=1e-8)
    logs = [by_quadrature(half_cauchy_product, size) for size in SIZES[::5]]
    assert_same_but_a_constant(price(HorseshoePlus(1.0, TAU, EPSILON), SIZES[::5]), np.array(logs))


def test_the_horseshoe_plus_is_sharper_and_heavier_than_the_horseshoe() -> None:
    plus, plain = (price(rule) for rule in (HorseshoePlus(1.0, TAU, EPSILON), BetaPrime(1.0, TAU, EPSILON, 0.5, 0.5)))
    slopes = np.diff(plus), np.diff(plain)
    assert slopes[0][0] > slopes[1][0], "sharper at 0"
    assert slopes[0][-1] < slopes[1][-1], "its tail falls more slowly"


def test_bounds_of_the_horseshoe() -> None:
    """Carvalho et al.: K/2·log(1 + 4τ²/w²) < p·τ < K·log(1 + 2τ²/w²), K = (2π³)^(−1/2)."""
    z, constant = SIZES**2 / (2 * TAU**2), (2 * math.pi**3) ** -0.5
    exact = np.exp(-price(BetaPrime(1.0, TAU, EPSILON, 0.5, 0.5)))
    at = 10
    exact *= constant * special.exp1(z[at]) * math.exp(z[at]) / exact[at]
    assert (constant / 2 * np.log1p(4 * TAU**2 / SIZES**2) < exact * (1 + 1e-6)).all()
    upper = constant * np.log1p(2 * TAU**2 / SIZES**2)
    assert (exact < upper).all()
    assert_same_but_a_constant(price(HorseshoeSurrogate(1.0, TAU, EPSILON)), np.log(upper), 1e-4)


@pytest.mark.parametrize("nu", [1.0, 3.0])
def test_student_is_scipys(nu: float) -> None:
    assert_same_but_a_constant(price(StudentT(1.0, nu, 0.2)), stats.t.logpdf(SIZES, nu, scale=0.2), 1e-9)
    if nu == 1:
        assert_same_but_a_constant(price(StudentT(1.0, nu, 0.2)), stats.cauchy.logpdf(SIZES, scale=0.2), 1e-9)


def test_log_student_is_scipys_density_of_the_logarithm() -> None:
    logs = stats.t.logpdf(np.log(SIZES), 3, loc=math.log(0.1), scale=2.0) - np.log(SIZES)
    assert_same_but_a_constant(price(LogStudentT(1.0, 3, 0.1, 2.0, EPSILON)), logs, 1e-4)


def test_normal_jeffreys_is_the_logarithm_and_the_limit_of_small_b() -> None:
    assert_same_but_a_constant(price(NormalJeffreys(1.0, EPSILON)), -np.log(SIZES), 1e-4)
    # b → 0 and a → 0 leave p(λ) ∝ 1/λ at all scales: |w| far from 0 and far from infinity.
    near = price(BetaPrime(1.0, 1.0, 1e-5, 1e-3, 1e-3))
    assert_same_but_a_constant(near, -np.log(SIZES), 0.05)


HEAVY = sorted(
    {*NAMES}
    & {
        "student_t", "cauchy", "log_student_t", "horseshoe", "horseshoe_surrogate", "horseshoe_plus",
        "inverse_gamma_gamma", "normal_exponential_gamma", "normal_jeffreys", "lp",
    }
)  # fmt: skip


def test_all_heavy_priors_are_found() -> None:
    assert len(HEAVY) == 10


@pytest.mark.parametrize("name", HEAVY)
def test_the_pull_fades_for_large_weights(name: str) -> None:
    sizes = torch.logspace(-4, 4, 400, dtype=torch.float64)[:, None]
    pull: Tensor = value_and_gradient(penalty(name, strength=1.0), sizes)[1].flatten()
    assert (pull >= 0).all()
    top = int(pull.argmax())
    assert sizes[top] < 0.2
    assert (pull[top:].diff() < 1e-12).all(), "concave beyond"
    assert pull[-1] < 1e-2 * pull.max()


@pytest.mark.parametrize("name", HEAVY)
def test_more_weights_end_near_zero_than_under_a_normal_prior(name: str) -> None:
    """The most probable values of noisy sparse numbers: more are small, and they are nearer, than all shrunk alike."""
    draw = torch.Generator().manual_seed(0)
    truth = torch.where(torch.rand(500, generator=draw) < 0.1, 1.0, 0.0).double()
    seen = truth + 0.05 * torch.randn(500, generator=draw).double()
    rule, weights = penalty(name, strength=2e-3), seen.clone()
    for _ in range(3000):
        weights -= 0.01 * (weights - seen + value_and_gradient(rule, weights[None])[1][0])
    shrunk = seen * 0.9
    assert (weights.abs() < 0.01).sum() > (shrunk.abs() < 0.01).sum()
    assert (weights - truth).square().mean() < (shrunk - truth).square().mean()


@pytest.mark.parametrize(
    ("rule", "wrong", "said"),
    [
        (StudentT, (1.0, 0.0, 0.1), "nu=0.0: must be above 0"),
        (StudentT, (1.0, 1.0, math.nan), "scale=nan"),
        (LogStudentT, (1.0, 3.0, 0.1, 1.0, 0.01), "scale=1.0: must be 1.15 or more"),
        (NormalJeffreys, (1.0, 0.0), "epsilon=0.0"),
        (HorseshoeSurrogate, (1.0, -1.0, 0.01), "tau=-1.0"),
        (HorseshoePlus, (1.0, 0.1, 0.1), "epsilon=0.1: must be below tau=0.1"),
        (BetaPrime, (1.0, 0.1, 0.01, 0.0, 0.5), "a=0.0: must be from 0.001 to 100"),
        (BetaPrime, (0.0, 0.1, 0.01, 0.5, 0.5), "strength=0.0"),
    ],
)
def test_ranges(rule: type[Penalty], wrong: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rule(*wrong)
