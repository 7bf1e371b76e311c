"""The configurations of a sweep's jobs: Hydra composes each set of group choices once, plain values go into a copy."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, ListConfig, OmegaConf

# What of `hydra` differs from job to job.
_OF_JOBS = (
    ("job", "id"),
    ("job", "num"),
    ("job", "override_dirname"),
    ("overrides", "task"),
    ("runtime", "output_dir"),
)


class Variants:
    """What `load_sweep_config` of Hydra gives for the overrides of each job of a sweep, a hundred times faster.

    The parser and what applies an override are Hydra's own. Where it is not certain that the order of things makes no
    difference, and where something is wrong, Hydra composes the whole.
    """

    def __init__(self, loader: ConfigLoader, sweep: DictConfig) -> None:
        self._loader, self._sweep = loader, sweep
        self._bases: dict[tuple[str, ...], _Base | None] = {}
        self._parsed = cache(OverridesParser.create().parse_override)
        self._is_group = cache(lambda key: isinstance(loader, ConfigLoaderImpl) and loader.repository.group_exists(key))

    def lent(self, overrides: Sequence[str]) -> DictConfig:
        """A job's configuration, Hydra's part included, until the next call; the caller may number it, no more.

        Raises what Hydra raises.
        """
        try:
            varied = self._varied(overrides)
        except Exception:  # noqa: BLE001  whatever is wrong with them, Hydra says it itself
            varied = None
        return varied if varied is not None else self._loader.load_sweep_config(self._sweep, list(overrides))

    def _varied(self, overrides: Sequence[str]) -> DictConfig | None:
        """None where Hydra is to compose the whole."""
        parsed = [self._parsed(line) for line in overrides]
        if any(self._is_doubtful(override) for override in parsed):
            return None
        plain = [override for override in parsed if not self._is_group(override.key_or_group)]
        base = self._base([str(one.input_line) for one in parsed if self._is_group(one.key_or_group)])
        if base is None:
            return None
        config = base.lent(override.key_or_group for override in plain)
        for override in plain:
            if _leads_elsewhere(config, override):
                return None
            ConfigLoaderImpl._apply_overrides_to_config([override], config)
        job, names = config.hydra.job, config.hydra.job.config.override_dirname
        config.hydra.overrides.task = list(overrides)
        job.override_dirname = get_overrides_dirname(
            overrides=parsed, exclude_keys=names.exclude_keys, item_sep=names.item_sep, kv_sep=names.kv_sep
        )
        OmegaConf.copy_cache(from_config=self._sweep, to_config=config)
        return config

    def _base(self, choices: Sequence[str]) -> "_Base | None":
        """What these choices give; None where a value of the job's own may act on more than its key."""
        key = (*self._sweep.hydra.overrides.hydra, "", *choices)
        if key not in self._bases:
            config = self._loader.load_sweep_config(self._sweep, list(choices))
            self._bases[key] = None if config.hydra.job.env_copy else _Base(config)
        return self._bases[key]

    def _is_doubtful(self, override: Override) -> bool:
        key = override.key_or_group
        if override.is_sweep_override() or key.partition(".")[0].partition("/")[0] == "hydra":
            return True
        if self._is_group(key):
            return isinstance(override.value(), dict)
        return override.package is not None or "[" in key or not all(key.split("."))


class _Base:
    """One composed configuration, kept, and a copy of it that is lent, of which the least is copied again."""

    def __init__(self, config: DictConfig) -> None:
        self._kept, self._lent = config, deepcopy(config)
        self._touched: set[tuple[str, ...]] = set()

    def lent(self, keys: Iterable[str]) -> DictConfig:
        """The copy as it was composed; what is about to change in it is below these keys and in Hydra's part."""
        whole = {path for path in self._touched if len(path) == 1}
        paths = whole | {path for path in self._touched if path[:1] not in whole}
        if not all(_put_back(self._lent, self._kept, path) for path in paths):
            self._lent = deepcopy(self._kept)
        else:
            for path in _OF_JOBS:
                _put_back(self._lent.__dict__["_content"]["hydra"], self._kept.__dict__["_content"]["hydra"], path)
        self._touched = {tuple(key.split(".")[:2]) for key in keys}
        return self._lent


def _put_back(lent: Any, kept: Any, path: tuple[str, ...]) -> bool:
    """A new copy of the kept node in the lent one's place; False where it would not be what it was.

    OmegaConf's own setters would copy, convert and check it.
    """
    own, others = _content(kept), _content(lent)
    key, *below = path
    if own is None or others is None or (key in own) > (key in others):  # that would come back in another place
        return False
    if below and key in own and _content(own[key]) is not None:
        return _put_back(others[key], own[key], tuple(below))
    if key not in own:
        others.pop(key, None)
        return True
    copied = deepcopy(own[key])
    copied._set_parent(lent)
    others[key] = copied
    return True


def _content(node: Any) -> dict[Any, Any] | None:
    """The inner nodes of a mapping that is one, and no None, interpolation or missing value."""
    content = node.__dict__["_content"] if isinstance(node, DictConfig) else None
    return content if isinstance(content, dict) else None


def _leads_elsewhere(config: DictConfig, override: Override) -> bool:
    """Whether there is an interpolation on the way to what is overridden: what it stands for is changed then."""
    parts = override.key_or_group.split(".")
    node: Any = config
    for place, part in enumerate(parts, start=1):
        node = node._get_node(part) if isinstance(node, DictConfig) else None
        if node is None:
            return False
        last = place == len(parts)
        if node._is_interpolation() and (not last or isinstance(override.value(), (dict, list))):
            return True
        if isinstance(node, ListConfig) and not last:
            return True
    return False
