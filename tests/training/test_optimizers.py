"""Every optimiser that a run takes acts in it as PyTorch's own step does, with whatever options; others are refused."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lth.command.run import start
from lth.settings import ConfigurationError
from tests.configured import kept_of, plain_weights, plan_of, trained

_RARELY = st.sampled_from([None] * 7 + [True])
_SELDOM = st.sampled_from([False, False, False, True])
_SHARE = st.floats(0.0, 0.95)
_COMMON = {
    "lr": st.floats(1e-4, 5e-2),
    "weight_decay": st.floats(0.0, 0.5),
    "maximize": _SELDOM,
    "foreach": st.sampled_from([None, None, True, False]),
    "differentiable": _RARELY,
}
_MOMENTS = {"betas": st.tuples(_SHARE, _SHARE).map(list), "eps": st.floats(1e-8, 1e-1)}
_CAPTURABLE, _FUSED = {"capturable": _RARELY}, {"fused": st.sampled_from([None, True, True])}
_DECOUPLED = {"decoupled_weight_decay": st.booleans()}
_MOMENTUM = {"momentum": st.sampled_from([0.0, 0.5, 0.9])}
OPTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "Adam": {**_COMMON, **_MOMENTS, **_CAPTURABLE, **_FUSED, **_DECOUPLED, "amsgrad": _SELDOM},
    "AdamW": {**_COMMON, **_MOMENTS, **_CAPTURABLE, **_FUSED, "amsgrad": _SELDOM},
    "SGD": {**_COMMON, **_FUSED, **_MOMENTUM, "dampening": st.sampled_from([0, 0, 0.3]), "nesterov": st.booleans()},
    "NAdam": {**_COMMON, **_MOMENTS, **_CAPTURABLE, **_DECOUPLED, "momentum_decay": st.floats(0.0, 0.1)},
    "RAdam": {**_COMMON, **_MOMENTS, **_CAPTURABLE, **_DECOUPLED},
    "Adamax": {**_COMMON, **_MOMENTS, **_CAPTURABLE},
    "Adagrad": {**_COMMON, **_FUSED, "lr_decay": st.floats(0.0, 0.5), "initial_accumulator_value": _SHARE},
    "Adadelta": {**_COMMON, **_CAPTURABLE, "rho": _SHARE, "eps": st.floats(1e-6, 1e-1)},
    "RMSprop": {**_COMMON, **_CAPTURABLE, **_MOMENTUM, "alpha": _SHARE, "centered": st.booleans()},
    "Rprop": {name: _COMMON[name] for name in ("lr", "maximize", "foreach", "differentiable")}
    | {**_CAPTURABLE, "step_sizes": st.just([1e-6, 0.1])},
    "ASGD": {**_COMMON, **_CAPTURABLE, "lambd": st.floats(0.0, 0.1), "alpha": _SHARE, "t0": st.just(2.0)},
}


def options(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """An optimiser's options: those that choose its path always, others now and then."""
    always = [key for key in ("lr", "weight_decay", "fused", "decoupled_weight_decay") if key in OPTIONS[name]]
    others = {key: values for key, values in OPTIONS[name].items() if key not in always}
    return st.fixed_dictionaries({key: OPTIONS[name][key] for key in always}, optional=others)


def refuses_a_step(make: Callable[..., torch.optim.Optimizer]) -> bool:
    """Whether PyTorch itself takes no step with these options."""
    parameter = torch.nn.Parameter(torch.ones(3))
    parameter.grad = torch.ones(3)
    try:
        make([parameter]).step()
    except Exception:  # noqa: BLE001  whatever it raises, it took no step
        return True
    return False


@pytest.mark.parametrize("name", OPTIONS)
def test_options_act_as_in_the_optimisers_own_step(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    tried = {"acted": 0}

    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(chosen=options(name))
    def holds(chosen: dict[str, Any]) -> None:
        make = partial(getattr(torch.optim, name), **chosen)
        described = {"_target_": f"torch.optim.{name}", **chosen}
        folder = tmp_path_factory.mktemp("run")
        if refuses_a_step(make):
            with pytest.raises(ConfigurationError, match="optimizer"):
                plan_of(folder, optimizer=described)
            return
        job, chains = trained(plan_of(folder, optimizer=described))
        for ticket in chains[0]:
            for ours, theirs in zip(kept_of(ticket), plain_weights(job, ticket, make), strict=True):
                torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-10)
        tried["acted"] += 1

    holds()
    assert tried["acted"] >= 3, "hardly anything was tried"


def test_adam_with_decoupled_decay_is_adamw(tmp_path: Path) -> None:
    adam = {"_target_": "torch.optim.Adam", "lr": 1e-2, "weight_decay": 0.3, "fused": True}
    adamw = {**adam, "_target_": "torch.optim.AdamW"}
    chains = [
        trained(plan_of(tmp_path / name, optimizer=given))[1][0]
        for name, given in {"l2": adam, "decoupled": {**adam, "decoupled_weight_decay": True}, "w": adamw}.items()
    ]
    for l2, decoupled, w in zip(*chains, strict=True):
        torch.testing.assert_close(kept_of(decoupled), kept_of(w), rtol=0, atol=0)
        assert not torch.equal(kept_of(l2)[0], kept_of(w)[0])


REFUSED = {
    "Adafactor": "seeds beside it",
    "LBFGS": "closure",
    "SparseAdam": "dense gradients",
    "Muon": "2D",
    "Adam +optimizer.eps=0": "pruned",
    "Adam +optimizer.differentiable=true": "leaf",
    "Adam +optimizer.capturable=true": "capturable",
}


@pytest.mark.parametrize("sweep", [[], ["-m"]])
@pytest.mark.parametrize("given", REFUSED)
def test_what_a_stack_cannot_train_with_is_refused_before_a_folder_is_made(
    given: str, sweep: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.command.run.train", lambda _: pytest.fail("something was trained"))
    name, *others = given.split()
    overrides = [f"optimizer._target_=torch.optim.{name}", "~optimizer.fused", *others, "tracking=off"]
    assert start([*sweep, *overrides]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "optimizer" in said
    assert name in said
    assert REFUSED[given] in said
    assert not list(tmp_path.iterdir())


class Clipped(torch.optim.SGD):
    """An optimiser of somebody's own that clips the norm of all gradients."""

    def step(self, closure: Any = None) -> None:
        torch.nn.utils.clip_grad_norm_(self.param_groups[0]["params"], 1e3)
        super().step()


class Noisy(torch.optim.SGD):
    """An optimiser of somebody's own that adds noise from the global stream."""

    def step(self, closure: Any = None) -> None:
        super().step()
        (parameter,) = self.param_groups[0]["params"]
        parameter.data += torch.randn_like(parameter) * (parameter != 0)


class Remembering(torch.optim.SGD):
    """An optimiser of somebody's own that keeps its last gradients in one tensor."""

    def step(self, closure: Any = None) -> None:
        super().step()
        (parameter,) = self.param_groups[0]["params"]
        self.state[parameter]["last"] = torch.stack([parameter.grad, parameter.grad])


@pytest.mark.parametrize("mine", [Clipped, Noisy, Remembering])
def test_an_optimiser_of_ones_own_that_couples_seeds_is_refused(mine: type, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="seed"):
        plan_of(tmp_path, optimizer={"_target_": f"tests.training.test_optimizers.{mine.__name__}", "lr": 0.1})


def test_a_decay_that_rounds_away_in_one_step_still_moves_silent_weights(tmp_path: Path) -> None:
    """Seen in float64 and over several steps: what such a decay moves may not be left out."""
    slight = {"_target_": "torch.optim.SGD", "lr": 0.1, "weight_decay": 1e-8, "momentum": 0.9}
    job, chains = trained(plan_of(tmp_path, "pruning.schedule.rate=.9", "model.hidden=20", optimizer=slight))
    ticket = chains[0][1]
    assert ticket.row["inactive_weights"] > 0
    wanted = plain_weights(job, ticket, partial(torch.optim.SGD, lr=0.1, weight_decay=1e-8, momentum=0.9))
    for ours, theirs in zip(kept_of(ticket), wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)
