"""Properties of every penalty in conf/penalty, and the facts known of each."""

from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import Tensor
from torch.nn.functional import pad

from lth.method.layout import Layout
from lth.method.penalty.capped import Capped
from lth.method.penalty.l1 import L1
from lth.method.penalty.l2 import L2
from lth.method.penalty.lp import Lp
from lth.method.penalty.penalty import Penalty

CONF = Path(__file__).parents[2] / "conf"
NAMES = sorted(path.stem for path in (CONF / "penalty").glob("*.yaml") if path.stem != "none")
every_penalty = pytest.mark.parametrize("name", NAMES)
ANY_SIGN = {"kl_mixture", "mixture"}  # logarithms of densities, which may be above 1
ELSEWHERE = {"excess_misread", "mixture"}  # pull weights to other values than 0
BLIND = {"expected_l0"}  # does not look at the weights


def penalty(name: str, **changed: float) -> Penalty:
    return instantiate(OmegaConf.load(CONF / f"penalty/{name}.yaml"), _convert_="all", **changed)


def draw(rows: int, size: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(size)
    mask = torch.rand(rows, size, generator=source) < 0.6
    return torch.randn(rows, size, generator=source, dtype=dtype).mul(0.1) * mask, mask


def term(rule: Penalty, weights: Tensor, mask: Tensor) -> Tensor:
    """The penalty (R,) of the weights of a single neuron, whose bias is 0: some rules look at where weights are.

    All else that rules look at is the same for every weight and seed.
    """
    others = {"anchor": 0.3, "rho": -3.0, "inclusion": 0.5, "log_alpha": 0.7, "log_variance": -6.0}
    padded = pad(weights, (0, 1))
    raw = {name: torch.full_like(padded, value) for name, value in others.items()}
    raw |= {"weight": padded, "scores": padded, "steps": torch.full((len(weights),), 500), "computed": padded}
    raw |= {"batches": torch.tensor(4.0).double(), "observations": torch.tensor(500.0).double()}
    raw |= {"components": torch.full((len(weights),), 3)}
    rows = {"means": [0.0, -0.2, 0.3], "log_deviations": [-3.0, -2.0, -1.0], "logits": [1.0, 0.0, 0.5]}
    raw |= {name: torch.tensor(row).to(weights).expand(len(weights), -1) for name, row in rows.items()}
    return rule.penalty(raw, pad(mask, (0, 1)), Layout((weights.shape[1], 1)))


def everywhere(weights: Tensor) -> Tensor:
    return torch.ones_like(weights, dtype=torch.bool)


def value_and_gradient(rule: Penalty, weights: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    leaf = weights.detach().clone().requires_grad_()
    value = term(rule, leaf, everywhere(leaf) if mask is None else mask)
    (gradient,) = torch.autograd.grad(value.sum() + 0 * leaf.sum(), leaf)
    return value.detach(), gradient


def test_the_promised_penalties_are_found() -> None:
    assert {"l1", "lp", "capped"} <= set(NAMES)


def test_none_is_null() -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        assert compose("penalty/none") == {"penalty": None}


@every_penalty
def test_penalties_are_positive_and_one_for_each_seed(name: str) -> None:
    weights, mask = draw(4, 57)
    value = term(penalty(name), weights, mask)
    assert value.shape == (4,)
    assert name in ANY_SIGN or (value > 0).all()
    assert name in ANY_SIGN or (term(penalty(name), torch.zeros_like(weights), mask) >= 0).all()


@pytest.mark.parametrize("name", sorted({*NAMES} - ELSEWHERE))
def test_penalties_are_even(name: str) -> None:
    weights, mask = draw(4, 57)
    signs = torch.where(torch.arange(57) % 3 == 0, -1.0, 1.0).double()
    (value, gradient), (turned, opposite) = (
        value_and_gradient(penalty(name), w, mask) for w in (weights, weights * signs)
    )
    assert torch.equal(value, turned)
    assert torch.equal(gradient * signs, opposite)


@pytest.mark.parametrize("name", sorted({*NAMES} - ELSEWHERE - BLIND))
def test_penalties_grow_with_each_weight(name: str) -> None:
    sizes = torch.logspace(-4, 1, 50, dtype=torch.float64)[:, None]
    values = term(penalty(name), sizes, everywhere(sizes))
    assert (values.diff() >= 0).all()
    assert values[-1] > values[0]


@every_penalty
def test_gradients_are_finite_differences(name: str) -> None:
    weights, mask = draw(3, 19)
    rule = penalty(name)
    gradient = value_and_gradient(rule, weights, mask)[1]
    for place in mask.nonzero().tolist():
        step = torch.zeros_like(weights)
        step[tuple(place)] = 1e-7
        rise = (term(rule, weights + step, mask) - term(rule, weights - step, mask)).sum() / 2e-7
        assert gradient[tuple(place)].item() == pytest.approx(rise.item(), rel=1e-4)


@every_penalty
def test_only_unpruned_weights_count(name: str) -> None:
    weights, mask = draw(4, 57)
    moved = torch.where(mask, weights, 5.0)
    value, gradient = value_and_gradient(penalty(name), weights, mask)
    other, other_gradient = value_and_gradient(penalty(name), moved, mask)
    assert torch.equal(value, other)
    assert torch.equal(gradient, other_gradient)
    assert not gradient[~mask].any()
    assert name == "mixture" or (term(penalty(name), weights, torch.zeros_like(mask)) == 0).all()


@every_penalty
@pytest.mark.parametrize("size", [1, 16, 31, 112, 1675])
def test_a_seed_is_penalised_alone_as_in_any_stack(name: str, size: int) -> None:
    weights, mask = draw(7, size, torch.float32)
    value, gradient = value_and_gradient(penalty(name), weights, mask)
    for rows in ([0], [6], [5, 1, 3]):
        alone, alone_gradient = value_and_gradient(penalty(name), weights[rows], mask[rows])
        assert torch.equal(alone, value[rows])
        assert torch.equal(alone_gradient, gradient[rows])


@every_penalty
def test_strength_scales(name: str) -> None:
    weights, mask = draw(2, 30)
    weak, strong = (term(penalty(name, strength=s), weights, mask) for s in (0.5, 2.0))
    assert torch.allclose(4 * weak, strong, rtol=1e-12)


def test_l1_is_the_sum_and_its_proximal_point_the_soft_threshold() -> None:
    weights, _ = draw(2, 40)
    value, gradient = value_and_gradient(L1(0.5), weights)
    assert torch.allclose(value, 0.5 * weights.abs().sum(1))
    assert torch.equal(gradient, 0.5 * weights.sign())
    near = (weights.abs() - 0.05).clamp(min=0) * weights.sign()

    def cost(w: Tensor) -> Tensor:
        return (w - weights).square() / 2 + term(L1(0.05), w.reshape(-1, 1), everywhere(w.reshape(-1, 1))).view_as(w)

    for step in (-1e-3, 1e-3):
        assert (cost(near) <= cost(near + step)).all()


def test_lp_fades_for_large_weights() -> None:
    rule = Lp(strength=1.0, p=0.2, epsilon=1e-4)
    sizes = torch.logspace(-3, 3, 200, dtype=torch.float64)[:, None]
    value, pull = (t.flatten() for t in value_and_gradient(rule, sizes))
    assert torch.allclose(value, (sizes.flatten().square() + 1e-4) ** 0.1)
    # Concave, so the pull falls, beyond the inflection at w² = epsilon / (1 − p).
    beyond = sizes.flatten() > (1e-4 / 0.8) ** 0.5
    assert (pull[beyond].diff() < 0).all()
    assert (pull[~beyond].diff() > 0).all()
    assert pull[-1] < 1e-3


@pytest.mark.parametrize("q", [1, 2])
def test_capped_at_the_largest_weight_is_a_norm(q: int) -> None:
    weights, _ = draw(1, 500)
    limit = weights.abs().max().item()
    value = term(Capped(1.0, limit, q), weights, everywhere(weights))
    assert torch.allclose(value, (weights.abs() ** q).sum(1) / limit**q)


@pytest.mark.parametrize("q", [1, 2])
def test_capped_tends_to_the_number_of_weights(q: int) -> None:
    weights, mask = draw(1, 500)
    counts = [term(Capped(1.0, limit, q), weights, mask).item() for limit in (1.0, 0.1, 0.01, 1e-4, 1e-12)]
    assert counts == sorted(counts)
    assert counts[0] < 0.2 * counts[-1]
    assert counts[-1] == pytest.approx(mask.sum().item())


def test_capped_lets_large_weights_go() -> None:
    weights, _ = draw(3, 100)
    gradient = value_and_gradient(Capped(1.0, 0.05, 1), weights)[1]
    inside = weights.abs() < 0.05
    assert torch.allclose(gradient[inside], weights.sign()[inside] / 0.05)
    assert not gradient[~inside].any()
    excess = (weights.abs() - 0.05).relu().sum(1)
    assert torch.allclose(
        0.05 * term(Capped(1.0, 0.05, 1), weights, everywhere(weights)) + excess, weights.abs().sum(1)
    )


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (L1, {"strength": 0.0}),
        (L2, {"strength": 0.0}),
        (Lp, {"strength": -1.0}),
        (Lp, {"p": 1.0}),
        (Lp, {"p": 0.0}),
        (Lp, {"epsilon": 0.0}),
        (Capped, {"strength": float("nan")}),
        (Capped, {"limit": 0.0}),
        (Capped, {"q": 3}),
    ],
)
def test_bad_settings_are_refused(rule: type[Penalty], wrong: dict) -> None:
    right = {L1: {}, L2: {}, Lp: {"p": 0.5, "epsilon": 1e-6}, Capped: {"limit": 0.1, "q": 1}}[rule] | {"strength": 1.0}
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name}={value}"):
        rule(**right | wrong)
