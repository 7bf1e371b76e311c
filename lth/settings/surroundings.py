"""What a configuration asks of the machine: a GPU, a key for W&B, a launcher, a folder to write to."""

import netrc
import os
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlparse

from lth.settings.errors import ConfigurationError
from lth.settings.schema import Settings

WANDB_URL = "https://api.wandb.ai"
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
    """Raise ConfigurationError when the accelerator or the W&B key that the settings ask for is not there."""
    if settings.trainer.accelerator == "gpu":
        import torch  # takes a second, and most do not ask for it

        if not torch.cuda.is_available():
            raise ConfigurationError("trainer.accelerator", "gpu", "no CUDA on this machine; must be cpu or auto here")
    if settings.tracking.mode == "wandb_online" and not _has_wandb_key():
        allowed = "needs WANDB_API_KEY or `wandb login`; tracking=offline and tracking=off need no account"
        raise ConfigurationError("tracking", "wandb_online", allowed)


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


def check_folder(key: str, folder: Path) -> None:
    """Raise ConfigurationError with `key` unless files can be written in the folder, or where it will be made."""
    try:
        place = folder.absolute()
        while not place.exists():
            place = place.parent
        with tempfile.TemporaryFile(dir=place):
            pass
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigurationError(key, folder, f"must be a folder that can be written ({reason.lower()})") from None


def _has_wandb_key() -> bool:
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlparse(os.environ.get("WANDB_BASE_URL") or WANDB_URL).hostname or ""
    places = [os.environ["NETRC"]] if os.environ.get("NETRC") else ["~/.netrc", "~/_netrc"]
    return any(_knows(Path(place).expanduser(), host) for place in places)


def _knows(path: Path, host: str) -> bool:
    try:
        return host in netrc.netrc(path).hosts
    except (OSError, netrc.NetrcParseError):
        return False
