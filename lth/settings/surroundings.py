"""What a configuration asks of the machine: a GPU, a key for W&B, a launcher, a folder to write to."""

import errno
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any

from lth.settings.errors import ConfigurationError
from lth.settings.gpu import has_gpu
from lth.settings.schema import Settings
from lth.settings.seeds import LARGEST_SEED
from lth.settings.tracking import check_tracking

FULL = (errno.ENOSPC, errno.EDQUOT)
_DEEPEST = Path("tickets", f"seed={LARGEST_SEED}", ".level=0000.safetensors.999.broken")  # the longest name in a run
_SUBMITIT, _RAY = ("hydra_submitit_launcher", "slurm"), ("hydra_ray_launcher", "ray")
_PLUGINS = {  # launcher → the plugin that has it, and the extra that installs the plugin
    "joblib": ("hydra_joblib_launcher", "joblib"),
    "slurm": _SUBMITIT,
    "submitit_slurm": _SUBMITIT,
    "submitit_local": _SUBMITIT,
    "ray": _RAY,
    "ray_aws": _RAY,
    "ray_cluster": _RAY,
}


def check_machine(settings: Settings) -> None:
    """Raise ConfigurationError when the accelerator or the W&B that the settings ask for is not to be had."""
    if settings.trainer.accelerator == "gpu" and not has_gpu():
        raise ConfigurationError("trainer.accelerator", "gpu", "no CUDA on this machine; must be cpu or auto here")
    check_tracking(settings)


def check_launcher(overrides: Sequence[str], sweep: bool) -> None:
    """Raise ConfigurationError when an override asks for a launcher whose plugin is missing, or without a sweep."""
    for override in overrides:
        group, _, name = override.lstrip("+").partition("=")
        if group != "hydra/launcher" or name not in _PLUGINS:
            continue
        plugin, extra = _PLUGINS[name]
        if not sweep:
            raise ConfigurationError(group, name, "launches sweeps; needs -m")
        if find_spec(f"hydra_plugins.{plugin}") is None:
            raise ConfigurationError(group, name, f"is not installed; pip install 'lth[{extra}]'")


def check_sweeper(config: Mapping[str, Any]) -> None:
    """Raise ConfigurationError unless this program's own sweeper goes through the sweep."""
    if not str(config["hydra"]["sweeper"]["_target_"]).endswith(".LthSweeper"):
        allowed = "must be lth; others write into the folder of a sweep before its jobs are checked"
        raise ConfigurationError("hydra/sweeper", config["hydra"]["runtime"]["choices"]["hydra/sweeper"], allowed)


def check_folder(key: str, folder: Path) -> None:
    """Raise ConfigurationError with `key` unless files can be written in the folder, or where it will be made.

    Raises OSError for a full disk, of which the configuration is innocent.
    """
    try:
        _probe(_nearest(folder.absolute()))
        with suppress(FileNotFoundError):
            os.lstat(folder.absolute() / _DEEPEST)  # names may be too long, or a file be in the way
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigurationError(key, folder, f"must be a folder that can be written ({reason.lower()})") from None


def _nearest(place: Path) -> Path:
    """The place itself where something is there, a link that leads nowhere included, or else the nearest above it."""
    while True:
        try:
            os.lstat(place)
        except FileNotFoundError:
            place = place.parent
        else:
            return place


def _probe(place: Path) -> None:
    """Raise OSError unless a file can be made in the place; nothing stays, and it is tried once.

    Python's tempfile tries thousands of names where a file system answers that each of them is there.
    """
    with suppress(OSError, AttributeError):  # without a name, where the file system can do that
        os.close(os.open(place, os.O_TMPFILE | os.O_WRONLY, 0o600))
        return
    name = place / f".{os.getpid()}-{token_hex(8)}.tmp"
    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.unlink(name)  # noqa: PTH108
