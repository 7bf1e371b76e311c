"""The configuration of one job of a sweep, as Hydra's own launchers make it.

Hydra leaves modules out of its search for plugins whose names begin with an underscore.
"""

from collections.abc import Sequence
from pathlib import Path

from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf, open_dict


def composed(context: HydraContext, sweep: DictConfig, overrides: Sequence[str], number: int) -> DictConfig:
    """The job's configuration, Hydra's part with its number and its folder included."""
    return numbered(context.config_loader.load_sweep_config(sweep, list(overrides)), number)


def numbered(config: DictConfig, number: int) -> DictConfig:
    """The same configuration, which then knows its number and its folder."""
    hydra = config.hydra
    with open_dict(hydra):
        hydra.job.id, hydra.job.num = str(number), number
        hydra.runtime.output_dir = str((Path(str(hydra.sweep.dir)) / str(hydra.sweep.subdir)).absolute())
    return config


def parts(config: DictConfig) -> tuple[DictConfig, DictConfig]:
    """The job's own configuration, and Hydra's."""
    own = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])  # type: ignore[arg-type]
    return own, OmegaConf.masked_copy(config, ["hydra"])
