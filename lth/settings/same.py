"""When two configurations say the same: equal numbers, and an option left out or given as its default."""

import inspect
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any


def canonical(value: Any) -> Any:
    """The value with equal numbers alike all through its containers: 0.0 and -0.0 are 0. true is no number."""
    if isinstance(value, Mapping):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def text_of(value: Any) -> str:
    """The value as text that is equal for what says the same."""
    return json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), default=repr)


def without_defaults(value: Any, named: Callable[[str], Any]) -> Any:
    """The value without those arguments of a `_target_`, at any depth, that it has by default.

    `named` gives what a `_target_` names. Left out, not filled in: an option that a later version brings, with a
    default, then makes no other configuration of an older one.
    """
    if isinstance(value, list | tuple):
        return [without_defaults(item, named) for item in value]
    if not isinstance(value, Mapping):
        return value
    defaults = _defaults(value["_target_"], named) if "_target_" in value else {}
    return {
        key: without_defaults(item, named)
        for key, item in value.items()
        if key not in defaults or text_of(item) != defaults[key]
    }


def _defaults(target: Any, named: Callable[[str], Any]) -> dict[str, str]:
    """The defaults of a target's arguments as text; none where they cannot be asked for."""
    try:
        return _defaults_of(named(target))
    except Exception:  # noqa: BLE001  whatever cannot be found, imported or asked has no known defaults
        return {}


@lru_cache(maxsize=256)
def _defaults_of(called: Callable[..., Any]) -> dict[str, str]:
    parameters = inspect.signature(called).parameters.values()
    return {one.name: text_of(one.default) for one in parameters if one.default is not one.empty}
