"""What a tracker asks of the machine: to be there; W&B a key and an environment that it takes, which may say off."""

import netrc
import os
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from lth.settings.errors import ConfigurationError, one_line
from lth.settings.modes import EXTRAS, WANDB, Mode
from lth.settings.schema import Settings

WANDB_URL = "https://api.wandb.ai"
NO_LOGIN = "needs WANDB_API_KEY or `wandb login`"
_PREFIX, _MODE = "WANDB_", "WANDB_MODE"
_SECRET = ("KEY", "TOKEN", "HEADERS")  # parts of the names of what is not to be printed


def as_environment_says(settings: Settings) -> Settings:
    """The settings with W&B off, or kept on this machine, where its own WANDB_MODE says so."""
    asked, said = settings.tracking.mode, os.environ.get(_MODE)
    mode: Mode = asked
    if said == "disabled" and asked in WANDB:
        mode = "off"
    elif said in ("offline", "dryrun") and asked == "wandb_online":
        mode = "offline"
    if mode == asked:
        return settings
    return settings.model_copy(update={"tracking": settings.tracking.model_copy(update={"mode": mode})})


def check_tracking(settings: Settings) -> None:
    """Raise ConfigurationError when the tracker is not installed, or W&B has no key or an environment it refuses."""
    mode = settings.tracking.mode
    if mode in EXTRAS and not _is_installed(mode):
        raise ConfigurationError("tracking", mode, f"is not installed; pip install 'lth[{mode}]'")
    if mode not in WANDB:
        return
    for name, value in _environment().items():
        refused = _refused(name, value)
        if refused is not None:
            shown = "…" if any(part in name for part in _SECRET) else value
            raise ConfigurationError(name, shown, f"W&B refuses it ({refused}); tracking=off needs none of it")
    if mode == "wandb_online" and not has_wandb_key():
        allowed = f"{NO_LOGIN}; tracking=offline and tracking=off need no account"
        raise ConfigurationError("tracking", "wandb_online", allowed)


def _is_installed(module: str) -> bool:
    """A folder of that name is no module: trackers leave such folders behind."""
    spec = find_spec(module)
    return spec is not None and spec.origin is not None


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_PREFIX)}


@cache
def _refused(name: str, value: str) -> str | None:
    """What W&B, which reads its environment whenever a run starts, says against a variable."""
    import wandb  # takes half a second, and most have no such variable

    try:
        wandb.Settings().update_from_env_vars({name: value})
    except Exception as error:  # noqa: BLE001  its errors have no type of their own in common
        return _reason(error)
    return None


def _reason(error: Any) -> str:
    told = error.errors()[0]["msg"] if hasattr(error, "errors") else str(error)
    return one_line(told)


def has_wandb_key() -> bool:
    """Whether W&B would know who sends to it, from its environment or from its login."""
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
