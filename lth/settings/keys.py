"""Every key of a configuration with its type, what it allows and what it is for, as the schema has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from lth.settings.meaning import Means
from lth.settings.schema import Settings

_KINDS = {bool: "true or false", int: "integer", float: "number", str: "text"}
_SAID = ("integer", "number", "one of", "true or false", "text", "list")  # texts that name a type themselves


@dataclass(frozen=True)
class Key:
    """A key as it is typed; `schedule` is the file of pruning/schedule that has it, empty for keys of every one."""

    name: str
    allowed: str
    means: str
    schedule: str = ""


def keys() -> list[Key]:
    """The keys that the schema knows, in its order; further ones are arguments of what a group builds."""
    return list(_keys("", Settings, ""))


def _keys(before: str, model: type[BaseModel], schedule: str) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        key = f"{before}.{field.alias or name}".lstrip(".")
        inner = _models(field.annotation)
        for one in inner:
            yield from _keys(key, one, one.__name__.lower() if len(inner) > 1 else schedule)
        if not inner and field.alias is None:
            means = next((said.text for said in field.metadata if isinstance(said, Means)), "")
            yield Key(key, _allowed(field.description or "", field.annotation), means, schedule)


def _allowed(description: str, annotation: Any) -> str:
    said = description.removeprefix("must be ").removeprefix("an ").removeprefix("a ")
    if any(word in said for word in _SAID):
        return said
    kind = next((name for type_, name in _KINDS.items() if type_ in _types(annotation)), "")
    return f"{kind} {said}".strip()


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _types(annotation: Any) -> set[Any]:
    if isinstance(annotation, type):
        return {annotation}
    return {one for part in get_args(annotation) for one in _types(part)}
