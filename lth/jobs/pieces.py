"""The pieces that settings name by `_target_`: found, given their arguments, built, and refused as the key's fault."""

import json
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from lth.settings import ConfigurationError
from lth.settings.errors import from_value_error
from lth.settings.foreign import nested
from lth.settings.targets import find

if TYPE_CHECKING:
    import torch

T = TypeVar("T")


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
    """What makes the optimiser, once it is known, or a trial step has shown, that a stack can train with it."""
    import torch

    from lth.stack.trial import check_optimizer, check_options, needs_none

    given = json.loads(text)
    made = bound("optimizer", given, torch.optim.Optimizer)
    if needs_none(made):
        called("optimizer", partial(check_options, made), given)
        return made
    one = called("optimizer", partial(made, [torch.zeros(1, requires_grad=True)]), given)
    if not isinstance(one, torch.optim.Optimizer):
        raise ConfigurationError("optimizer._target_", given["_target_"], "must build a torch optimiser")
    on_gpu = accelerator != "cpu" and torch.cuda.is_available()
    called("optimizer", partial(check_optimizer, made, on_gpu=on_gpu), given)
    return made


def bound(group: str, given: dict[str, Any], kind: type[T]) -> partial[T]:
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
