"""The plain values of a composed configuration, its interpolations resolved."""

from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from lth.settings.errors import ConfigurationError, one_line


def resolved(config: DictConfig) -> dict[str, Any]:
    """A composed configuration without Hydra's part. Raises ConfigurationError for what cannot be resolved."""
    keys = [str(key) for key in config if key != "hydra"]
    try:
        return {key: _as_it_stands(config._get_node(key)) for key in keys}
    except _UnresolvedError:
        pass
    own = OmegaConf.masked_copy(config, keys)  # a copy, for an interpolation must not reach into Hydra's part
    try:
        found = OmegaConf.to_container(own, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        key = str(error.full_key or error.key or "configuration")
        typed = OmegaConf.to_container(own, resolve=False)
        for part in key.split("."):
            typed = typed.get(part) if isinstance(typed, dict) else None
        raise ConfigurationError(key, typed, one_line(str(error).partition("\n")[0])) from None
    assert isinstance(found, dict)
    return {str(key): value for key, value in found.items()}


class _UnresolvedError(Exception):
    """There is an interpolation, or something is missing."""


def _as_it_stands(node: Any) -> Any:
    """The plain value of a node, without OmegaConf's own way through all that it might be."""
    if isinstance(node, (DictConfig, ListConfig)):
        content = node.__dict__["_content"]
        if isinstance(content, str):
            raise _UnresolvedError
        if isinstance(content, dict):
            return {key: _as_it_stands(inner) for key, inner in content.items()}
        return None if content is None else [_as_it_stands(inner) for inner in content]
    value = node._value()
    if isinstance(value, str) and (value == "???" or "${" in value):
        raise _UnresolvedError
    return value
