"""What a `_target_` names: a class or function of the kind asked for, found before anything is called."""

import inspect
import typing
from collections.abc import Callable, Iterable
from importlib import import_module
from pkgutil import resolve_name
from typing import Any

OWN = ("lth", "torch.optim")  # the packages of which every configuration may build, also one that somebody sent


def inside(name: str, packages: Iterable[str]) -> bool:
    """Whether a dotted name is one of these packages, or of something in them."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def defined_inside(found: Any, packages: Iterable[str]) -> bool:
    """Whether an object is a class or function that one of these packages defines, not one that it imports."""
    return (inspect.isclass(found) or inspect.isfunction(found)) and inside(str(found.__module__), packages)


def find(target: str, kind: type) -> Callable[..., Any]:
    """What `target` names. Raises ValueError saying why it names nothing that can be called.

    In OWN packages it is `module.name`, defined there, and known to give a `kind` before it is called. Elsewhere it is
    whatever the command line that named it means.
    """
    try:
        found = _own(target, kind) if inside(target, OWN) else resolve_name(target)
    except Exception as error:  # noqa: BLE001  importing runs code, which may fail in any way
        raise ValueError(f"must name a class or function ({error})") from None
    if not callable(found):
        raise ValueError("must name a class or function")
    return found


def _own(target: str, kind: type) -> Any:
    """Found in its module alone: no walk through attributes, which lead from any module to any other."""
    module, _, name = target.rpartition(".")
    if any(part.startswith("_") for part in target.split(".")):
        raise ValueError(f"{target} is private")
    found = vars(import_module(module)).get(name) if module else None
    if not defined_inside(found, OWN) or not _gives(found, kind):
        raise ValueError(f"nothing in {module or target} of this name gives a {kind.__name__}")
    return found


def _gives(found: Any, kind: type) -> bool:
    if inspect.isfunction(found):
        try:
            found = typing.get_type_hints(found).get("return")
        except NameError:  # a type that is imported for type checkers alone
            return False
    return inspect.isclass(found) and issubclass(found, kind)
