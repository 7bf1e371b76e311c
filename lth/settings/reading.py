"""From a plain mapping to checked settings, and the hash that tells whether two of them are the same experiment."""

import hashlib
from collections.abc import Mapping, Sequence
from pkgutil import resolve_name
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from lth.settings.errors import ConfigurationError, one_line
from lth.settings.renamed import now
from lth.settings.same import text_of, without_defaults
from lth.settings.schema import Settings

# Where and how fast something is computed and what it is called is not part of what is computed.
_NOT_HASHED = {
    "seed": True,
    "tracking": True,
    "pictures": True,
    "trainer": {"workers", "accelerator"},
    "origin": {"folder"},
}
# A digest says what it builds, whatever file that lies in; and an MD5, wherever the files are from.
_WHERE = {"lth.data.stored.build": "arrays", "lth.data.images.build": "folder"}


def read(config: Mapping[str, Any]) -> Settings:
    """The settings of a composed configuration, resolved and without Hydra's own part.

    Raises ConfigurationError for the first thing that cannot be.
    """
    try:
        return Settings.model_validate(config)
    except ValidationError as error:
        raise _explained(error.errors(include_url=False)[0], config) from None


def plain(settings: Settings) -> dict[str, Any]:
    """The settings as plain mappings, lists and numbers, with the names that users type."""
    return settings.model_dump(mode="json", by_alias=True, exclude_unset=True)


def config_hash(settings: Settings) -> str:
    """16 hexadecimal digits, equal for settings that differ in seeds, tracking, pictures, workers, accelerator only.

    Equal numbers are the same, and so are an option left out and its default; what a `_target_` names is imported.
    """
    described = settings.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=_NOT_HASHED)
    described["model"] = {**described["model"], "hidden": settings.model.layers, "depth": len(settings.model.layers)}
    described["dataset"].pop(_WHERE.get(described["dataset"]["_target_"]), None)
    text = text_of(without_defaults(described, resolve_name))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _explained(error: Any, config: Mapping[str, Any]) -> ConfigurationError:
    """One of pydantic's errors in the words of the field that it is about."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ConfigurationError):
        return cause
    path, field, models = _locate(error["loc"])
    if error["type"] == "extra_forbidden":
        path = [*path, str(error["loc"][-1])]
        known = ", ".join(sorted(f.alias or name for name, f in models[0].model_fields.items()))
        said = now(".".join(path)) or f"unknown key; known are {known}"
        return ConfigurationError(".".join(path), _value(config, path), said)
    key, value = ".".join(path), _value(config, path)
    if isinstance(cause, ValueError):
        return ConfigurationError(key, value, str(cause))
    if error["type"] == "missing":
        return ConfigurationError(
            key, None, f"is missing{f'; {field.description}' if field and field.description else ''}"
        )
    return ConfigurationError(key, value, _allowed(field, error))


def _allowed(field: FieldInfo | None, error: Any) -> str:
    if field is not None and field.description:
        return field.description
    if error["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return "must be a group of keys"
    return one_line(error["msg"])


def _locate(loc: Sequence[Any]) -> tuple[list[str], FieldInfo | None, list[type[BaseModel]]]:
    """The key that a location of pydantic's means, its field and the sections there; places in lists are no keys."""
    path: list[str] = []
    models: list[type[BaseModel]] = [Settings]
    field = None
    for part in loc:
        found = next((f for model in models if (f := _field(model, part))), None)
        if found is not None:
            path, field, models = [*path, part], found, _models(found.annotation)
        else:  # the tag of a union says which of its sections it is
            models = [model for model in models if model.__name__.lower() == part] or models
    return path, field, models


def _field(model: type[BaseModel], key: Any) -> FieldInfo | None:
    return next((f for name, f in model.model_fields.items() if key in (name, f.alias)), None)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The sections that an annotation speaks of, through unions and Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _value(config: Any, path: Sequence[str]) -> Any:
    for key in path:
        config = config.get(key) if isinstance(config, Mapping) else None
    return config
