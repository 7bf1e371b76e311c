"""What a torch optimiser remembers of its parameters, as named tensors and back."""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer


def remember(optimizer: Optimizer, parameters: Mapping[str, Parameter]) -> dict[str, Tensor]:
    """Copies of the optimiser's tensors: NAME.exp_avg and so on, for each named parameter."""
    return {
        f"{name}.{key}": value.detach().clone()
        for name, parameter in parameters.items()
        for key, value in optimizer.state[parameter].items()
        if isinstance(value, Tensor)
    }


def recall(optimizer: Optimizer, parameters: Mapping[str, Parameter], memory: Mapping[str, Tensor]) -> None:
    """Put into a fresh optimiser what `remember` found; names that are not there are left out."""
    for name, parameter in parameters.items():
        found = {key[len(name) + 1 :]: value for key, value in memory.items() if key.startswith(f"{name}.")}
        for key, value in found.items():
            # Steps are one number; where each seed has its own, the seeds have optimisers of their own.
            value = value.reshape(()) if key == "step" else value.to(parameter.device)
            optimizer.state[parameter][key] = value.clone()


def rates(optimizer: Optimizer) -> list[float]:
    """The learning rates that an optimiser was made with, one for each group of parameters."""
    return [float(group["lr"]) for group in optimizer.param_groups]


def scale(optimizer: Optimizer, made_with: Sequence[float], factors: np.ndarray, step: int) -> None:
    """Set the learning rates for a step, counted from 0; without factors they stay."""
    if not len(factors):
        return
    factor = float(factors[min(step, len(factors) - 1)])
    for group, rate in zip(optimizer.param_groups, made_with, strict=True):
        group["lr"] = rate * factor
