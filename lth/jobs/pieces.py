"""The pieces that settings name by `_target_`: found, given their arguments, built, and refused as the key's fault."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from lth.settings import ConfigurationError
from lth.settings.errors import from_value_error
from lth.settings.foreign import nested
from lth.settings.targets import find

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
KNOWN = {"torch.optim.Adam", "torch.optim.AdamW", "torch.optim.SGD"}
TINY = 1e-12
CHECKED = {"lr", "eps", "weight_decay", "decoupled_weight_decay", "momentum", "dampening", "nesterov", "fused"}


def built(group: str, given: dict[str, Any], kind: type[T]) -> T:
    """The piece that a group names. Raises ConfigurationError for what cannot be built, or is none of its kind."""
    piece = called(group, bound(group, given, kind), given)
    if not isinstance(piece, kind):
        raise ConfigurationError(f"{group}._target_", given["_target_"], f"must build a {kind.__name__}")
    return piece


def built_if_any(group: str, given: dict[str, Any] | None, kind: type[T]) -> T | None:
    """The same where the group names one."""
    return None if given is None else built(group, given, kind)


def optimizer_of(given: dict[str, Any], accelerator: str) -> "Callable[..., torch.optim.Optimizer]":
    """What makes the optimiser of parameters. Raises ConfigurationError where a stack cannot train with it."""
    return _tried(json.dumps(given, sort_keys=True), accelerator)


@lru_cache(maxsize=1024)
def _tried(text: str, accelerator: str) -> "Callable[..., torch.optim.Optimizer]":
    """What makes the optimiser, once a trial step has shown that a stack can train with it."""
    import torch

    from lth.stack.trial import check_optimizer

    given = json.loads(text)
    made = bound("optimizer", given, torch.optim.Optimizer)
    if _is_known(given):
        called("optimizer", partial(_check_options, made), given)
        return made
    one = called("optimizer", partial(made, [torch.zeros(1, requires_grad=True)]), given)
    if not isinstance(one, torch.optim.Optimizer):
        raise ConfigurationError("optimizer._target_", given["_target_"], "must build a torch optimiser")
    on_gpu = accelerator != "cpu" and torch.cuda.is_available()
    called("optimizer", partial(check_optimizer, made, on_gpu=on_gpu), given)
    return made


def _is_known(given: dict[str, Any]) -> bool:
    """Whether it treats every value alone, as a trial would show, and its options are numbers that it checks itself."""
    options = {key: value for key, value in given.items() if key != "_target_"}
    betas = options.pop("betas", [0.9, 0.999])
    if given["_target_"] not in KNOWN or not options.keys() <= CHECKED or not isinstance(betas, list):
        return False
    numbers = [*options.values(), *betas]
    if len(betas) != 2 or not all(isinstance(number, int | float) and isfinite(number) for number in numbers):
        return False
    return options.get("eps", TINY) >= TINY  # nothing over nothing is no number


def _check_options(make: "Callable[..., torch.optim.Optimizer]") -> None:
    """Have the optimiser check its options, which it does before it asks for parameters, and build none.

    Building one imports PyTorch's compiler, which takes as long as all else that a start does.
    """

    def parameters() -> Iterator[Any]:
        raise _AskedForParameters
        yield

    with suppress(_AskedForParameters):
        make(parameters())


class _AskedForParameters(Exception):  # noqa: N818  nothing is wrong then
    pass


def bound(group: str, given: dict[str, Any], kind: type) -> Callable[..., Any]:
    """What builds a piece, with its arguments; within these nothing is built."""
    inner = nested(group, given)
    if inner is not None:
        raise ConfigurationError(*inner, f"nothing is built inside of {group}")
    try:
        builder = find(given["_target_"], kind)
    except ValueError as error:
        raise ConfigurationError(f"{group}._target_", given["_target_"], str(error)) from None
    return partial(builder, **{key: value for key, value in given.items() if key != "_target_"})


def called(group: str, builder: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What a builder gives; its errors are about what was `given` for the group. Raises ConfigurationError."""
    try:
        return builder()
    except Exception as error:  # noqa: BLE001  whatever a piece says about its arguments is about the configuration
        raise from_value_error(error, group, given) from None
