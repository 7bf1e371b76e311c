"""From what users type to a composed configuration, and Hydra's complaints in one line."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from hydra import version
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from lth.command.typed import meant
from lth.settings import ConfigurationError, parse_seeds, write_seeds
from lth.settings.conf import CONF, presets
from lth.settings.errors import one_line
from lth.settings.renamed import now

RECORD = ".hydra"
_SEED = re.compile(r"(\+{0,2}seed)=(.*)", re.DOTALL)
_AMBIGUOUS = re.compile(r"Ambiguous value for argument '([^=]*)=(.*)'\n")
_ALREADY = re.compile(r"An item is already at '([^']*)'")
_UNKNOWN_KEY = re.compile(r"Could not (?:override|delete from config|find)[^']*'([^'\s=]+)")


@dataclass(frozen=True)
class Source:
    """Where a configuration is read: the primary file, its folder (None: conf/), and one that is searched as well."""

    name: str = "config"
    path: str | None = None
    more: str | None = None


def compose(overrides: Sequence[str], source: Source = Source(), *, sweep: bool = False) -> DictConfig:
    """The configuration of one job, or what the jobs of a sweep have in common, Hydra's own part included.

    Raises ConfigurationError for what Hydra refuses.
    """
    try:
        return _composed(overrides, source, sweep)
    except Exception as error:  # noqa: BLE001  wild overrides make Hydra fail in many ways
        raise explained(error, overrides) from None


def _composed(overrides: Sequence[str], source: Source = Source(), sweep: bool = False) -> DictConfig:
    """Composed by the Hydra that runs, in a sweep, or by one of its own."""
    with _hydra(source) as hydra:
        return hydra.compose_config(
            source.name,
            list(overrides),
            RunMode.MULTIRUN if sweep else RunMode.RUN,
            with_log_configuration=False,
            from_shell=False,
            validate_sweep_overrides=not sweep,
        )


@contextmanager
def _hydra(source: Source) -> Iterator[Hydra]:
    running = GlobalHydra.instance().hydra
    if running is not None:
        yield running
        return
    version.setbase("1.3")
    path = create_config_search_path(source.path or str(CONF))
    if source.more is not None:
        path.prepend("command-line", f"file://{source.more}", SearchPathQuery(provider="schema"))
    try:
        yield Hydra.create_main_hydra2("lth", path)
    finally:
        GlobalHydra.instance().clear()


def pack_seeds(arguments: Sequence[str]) -> list[str]:
    """The arguments with every form of `seed=` as one value, so that Hydra never sweeps over the seeds of a stack.

    Raises ConfigurationError for seeds that cannot be. An interpolation `${…}` is left to its resolution.
    """
    return [_packed(argument) for argument in arguments]


def _packed(argument: str) -> str:
    match = _SEED.fullmatch(argument)
    if not match or match[2].startswith("${"):
        return argument
    try:
        return f"{match[1]}={write_seeds(parse_seeds(match[2]))}"
    except ValueError as error:
        raise ConfigurationError("seed", match[2], str(error)) from None


def record_of(own: DictConfig, hydra: DictConfig) -> dict[str, bytes]:
    """The files, below a run folder, that say how a job was composed: its configuration, Hydra's, and its overrides."""
    parts: dict[str, Any] = {"config": own, "hydra": hydra, "overrides": hydra.hydra.overrides.task}
    return {f"{RECORD}/{name}.yaml": OmegaConf.to_yaml(part).encode() for name, part in parts.items()}


def is_unnamed(config: DictConfig, mode: str) -> bool:
    """Whether `hydra.run.dir` (or, with the mode `sweep`, that of sweeps) is what it is where nobody names a folder."""
    own, said = (OmegaConf.to_container(part, resolve=False) for part in (_defaults().hydra[mode], config.hydra[mode]))
    return isinstance(own, dict) and isinstance(said, dict) and own["dir"] == said["dir"]


@cache
def _defaults() -> Any:
    return OmegaConf.load(CONF / "config.yaml")


def quoted(text: str) -> str:
    """A value that Hydra's grammar takes as it is."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def explained(error: BaseException, overrides: Sequence[str]) -> ConfigurationError:
    """An exception of Hydra's while composing these overrides, as key, value and what is allowed."""
    text = str(error)
    if isinstance(error, ConfigurationError):
        return error
    if isinstance(error, OverrideParseException):
        key, _, value = error.override.partition("=")
        return ConfigurationError(key, value, f"must be key=value in Hydra's grammar ({_first_line(error.message)})")
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, name = error.missing_cfg_file.rpartition("/")
        return ConfigurationError(group, name, f"must be one of {', '.join(error.options or []) or 'nothing here'}")
    if ambiguous := _AMBIGUOUS.search(text):
        allowed = "must be one value; a list is written [a,b], a sweep needs -m"
        return ConfigurationError(ambiguous[1], ambiguous[2], allowed)
    if unknown := _UNKNOWN_KEY.search(text):
        return _unknown(unknown[1], overrides, text)
    if there := _ALREADY.search(text):
        return ConfigurationError(there[1], "+…", "is in the configuration already; leave the + out")
    key, _, value = _culprit(error, overrides).partition("=")
    if text.startswith("Config group override"):
        names = ", ".join(presets(key.lstrip("+~")))
        return ConfigurationError(key, value, f"must be one of {names}")
    return ConfigurationError(key, value, _first_line(text) or f"Hydra refuses it ({type(error).__name__})")


def _unknown(key: str, overrides: Sequence[str], text: str) -> ConfigurationError:
    """A key that the configuration does not have, with those that stand where it was looked for."""
    bad = next((o for o in overrides if o.partition("=")[0].lstrip("+~") == key), key)
    node: Any = (whole := _composed_without(bad, overrides))
    place = ""
    for part in key.split("."):
        if not OmegaConf.is_dict(node) or part not in node:
            break
        node, place = node[part], f"{place}.{part}".lstrip(".")
    if place == key:  # known, but not in this way
        return ConfigurationError(key, bad.partition("=")[2], _first_line(text))
    if said := now(key):
        return ConfigurationError(key, bad.partition("=")[2], said)
    known = sorted(str(name) for name in node) if OmegaConf.is_dict(node) else []
    allowed = f"known in {place} are" if place else "known are"
    near = meant(key, _plain_of(whole))
    allowed = f"{f'is it {near}? ' if near else ''}{allowed} {', '.join(known) or 'none'}"
    return ConfigurationError(key, bad.partition("=")[2], f"unknown key; {allowed}")


def _plain_of(config: DictConfig) -> dict[str, Any]:
    own = OmegaConf.to_container(config, resolve=False)
    return {str(key): value for key, value in own.items()} if isinstance(own, dict) else {}


def _composed_without(bad: str, overrides: Sequence[str]) -> DictConfig:
    """What the other overrides give, or the defaults where they fail too."""
    for tried in ([override for override in overrides if override != bad], []):
        with suppress(Exception):  # the first complaint is the one to tell
            return _composed(tried)
    return DictConfig({})


def _culprit(error: BaseException, overrides: Sequence[str]) -> str:
    """The first override that fails alike on its own, or all of them."""
    for override in overrides:
        try:
            _composed([override])
        except Exception as alone:  # noqa: BLE001  wild overrides make Hydra fail in many ways
            if _first_line(str(alone)) == _first_line(str(error)):
                return override
    return f"configuration={' '.join(overrides)}"


def _first_line(text: str) -> str:
    return one_line(text.strip().partition("\n")[0])
