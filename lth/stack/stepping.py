"""An optimiser's step with as little around it as PyTorch allows."""

from collections.abc import Callable

from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.adam import adam


def stepper(optimizer: Optimizer) -> Callable[[], None]:
    """What takes the optimiser's next steps: PyTorch's functional Adam where it says the same, else `step` itself.

    `Optimizer.step` does much before it computes, which small stacks feel. The optimiser must have taken a step, and
    its parameters, state and options must not be replaced while the stepper is used.
    """
    if not _is_plain_adam(optimizer):
        return optimizer.step
    group = optimizer.param_groups[0]
    parameters = group["params"]
    states = [optimizer.state[parameter] for parameter in parameters]
    gradients = [parameter.grad for parameter in parameters]
    first, second, steps = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq", "step"))
    options = {name: group[name] for name in ("lr", "weight_decay", "eps")}
    # Older versions tell it by the type alone.
    decoupled = group.get("decoupled_weight_decay", type(optimizer) is AdamW)
    beta1, beta2 = group["betas"]

    def step() -> None:
        adam(
            parameters, gradients, first, second, [], steps, fused=True, amsgrad=False, maximize=False,
            beta1=beta1, beta2=beta2, decoupled_weight_decay=decoupled, **options,
        )  # fmt: skip

    return step


def replayable(optimizer: Optimizer) -> bool:
    """Whether a recorded step, replayed, is the next step: others count their steps on the host."""
    capturable = all(group.get("capturable", False) for group in optimizer.param_groups)
    return capturable or type(optimizer) is SGD or _is_plain_adam(optimizer)


def _is_plain_adam(optimizer: Optimizer) -> bool:
    group = optimizer.param_groups[0]
    if type(optimizer) not in (Adam, AdamW) or len(optimizer.param_groups) > 1 or not group["fused"]:
        return False
    return not any(group[name] for name in ("amsgrad", "maximize", "capturable", "differentiable"))
