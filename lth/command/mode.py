"""Whether overrides ask for one stack or for a sweep: by a flag, by hydra.mode, or by an experiment that has a grid."""

from collections.abc import Sequence
from contextlib import suppress

from hydra.types import RunMode
from omegaconf import DictConfig

from lth.command.compose import compose, is_unnamed
from lth.command.flags import Asked
from lth.settings import ConfigurationError


def composed(asked: Asked) -> tuple[DictConfig, bool]:
    """What the overrides give, and whether they are a sweep's.

    An experiment sweeps as it says unless its keys are all given, or one stack's folder is. Raises ConfigurationError.
    """
    if asked.sweep:
        return compose(asked.overrides, asked.source, sweep=True), True
    try:
        config = compose(asked.overrides, asked.source)
    except ConfigurationError:  # it may only be one for single jobs
        with suppress(ConfigurationError):
            config = compose(asked.overrides, asked.source, sweep=True)
            if config.hydra.mode == RunMode.MULTIRUN or (_grid(config) and _may_sweep(config, asked)):
                return config, True
        raise
    if config.hydra.mode == RunMode.MULTIRUN:
        return config, True
    if left_out(config, asked.overrides) and _may_sweep(config, asked):
        return compose(asked.overrides, asked.source, sweep=True), True
    return config, False


def left_out(config: DictConfig, overrides: Sequence[str]) -> list[str]:
    """What an experiment goes through, `model.hidden=8,..,57` say, of keys that these overrides do not give."""
    given = {override.partition("=")[0].lstrip("+~") for override in overrides}
    return [f"{key}={value}" for key, value in _grid(config).items() if key not in given]


def _grid(config: DictConfig) -> dict[str, str]:
    return {str(key): str(value) for key, value in (config.hydra.sweeper.get("params") or {}).items()}


def _may_sweep(config: DictConfig, asked: Asked) -> bool:
    """Whether nothing says that this is one stack: a flag, hydra.mode, or the folder of a run."""
    return not asked.single and config.hydra.mode != RunMode.RUN and is_unnamed(config, "run")
