"""lth.jobs.pieces: an optimiser that is known is refused as its trial would refuse it, and no compiler is imported."""

import subprocess
import sys
from typing import Any

import pytest
import torch

from lth.jobs.pieces import optimizer_of
from lth.settings import ConfigurationError
from lth.stack.trial import check_optimizer

OPTIONS: list[dict[str, Any]] = [
    {"lr": 1e-3},
    {"lr": 0},
    {"lr": -1},
    {"lr": "x"},
    {"lr": None},
    {"lr": float("nan")},
    {"lr": float("inf")},
    {"lr": 1e-3, "fused": True},
    {"lr": 1e-3, "fused": True, "foreach": True},
    {"lr": 1e-3, "eps": -1},
    {"lr": 1e-3, "eps": 0},
    {"lr": 1e-3, "eps": 1e-60},
    {"lr": 1e-3, "betas": [0.9, 0.99]},
    {"lr": 1e-3, "betas": [0, 0.99]},
    {"lr": 1e-3, "betas": [1.0, 0.99]},
    {"lr": 1e-3, "betas": [0.9, 0.9, 0.9]},
    {"lr": 1e-3, "betas": 0.9},
    {"lr": 1e-3, "weight_decay": 0.1, "decoupled_weight_decay": True},
    {"lr": 1e-3, "weight_decay": -0.1},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True, "dampening": 0.5},
    {"lr": 0.1, "momentum": -1},
    {"lr": 0.1, "momentum": "x"},
    {"lr": 0.1, "amsgrad": True},
    {"lr": 0.1, "nothing": 1},
]


def is_refused(target: str, options: dict[str, Any]) -> bool:
    """Whether a trial of the optimiser itself fails."""
    made = getattr(torch.optim, target.rpartition(".")[2])
    try:
        check_optimizer(lambda parameters: made(parameters, **options))
    except Exception:  # noqa: BLE001  whatever it says
        return True
    return False


@pytest.mark.parametrize("target", ["torch.optim.Adam", "torch.optim.AdamW", "torch.optim.SGD", "torch.optim.Adagrad"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_what_a_trial_refuses_is_refused(target: str, options: dict[str, Any]) -> None:
    if is_refused(target, options):
        with pytest.raises(ConfigurationError, match=r"^optimizer"):
            optimizer_of({"_target_": target, **options}, "cpu")
        return
    value = torch.nn.Parameter(torch.ones(3))
    value.grad = torch.ones(3)
    optimizer = optimizer_of({"_target_": target, **options}, "cpu")([value])
    optimizer.step()
    assert {key: optimizer.defaults[key] for key in options if key != "betas"} == {
        key: option for key, option in options.items() if key != "betas"
    }


def test_a_known_optimiser_is_checked_without_a_compiler() -> None:
    code = (
        "import sys; from lth.jobs.pieces import optimizer_of\n"
        "optimizer_of({'_target_': 'torch.optim.Adam', 'lr': 1e-3, 'fused': True}, 'cpu')\n"
        "print('torch._dynamo' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
