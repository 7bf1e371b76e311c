"""W&B's client as it is used here: it says nothing, reports nothing home, and never waits for long."""

from __future__ import annotations

import logging
import os
import sys
import threading
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wandb import Run

START_WAIT = 20.0  # seconds that W&B may take to start a run online
FINISH_WAIT = 60.0  # and to finish one
END_WAIT = 2.0  # and its own process to end, before that is killed
QUIET = {
    "console": "off",
    "silent": True,
    "quiet": True,
    "use_dot_wandb": False,  # else a folder that has a .wandb is recorded into there
    "disable_git": True,
    "disable_code": True,
    "save_code": False,
    "x_disable_stats": True,
    "x_disable_meta": True,
    "x_disable_machine_info": True,
    "x_save_requirements": False,
    "init_timeout": START_WAIT,
    "finish_timeout": FINISH_WAIT,
    "finish_timeout_raises": True,
}
given_up = threading.Event()  # W&B failed online: from then on this process records offline
_service = threading.Lock()  # held while W&B's own process starts or ends
_starting = threading.Lock()  # W&B's runs start one at a time


class GivenUpError(Exception):
    """No run is opened online any more; `give_up` has told why."""


def open_run(*, online: bool, **said: Any) -> Run:
    """A new W&B run next to those that are open; raises whatever W&B raises, and GivenUpError."""
    # its telemetry goes out even when a run is offline, and holds the end of the program up where nobody answers
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    logging.raiseExceptions = False  # a full disk would print a traceback for each line of W&B's own logs
    import wandb

    known = wandb.Settings.model_fields
    quiet = wandb.Settings(**{key: value for key, value in QUIET.items() if key in known})
    with _starting:
        with _service:  # and not while a run starts: `give_up` must be able to cut that short
            if online and given_up.is_set():
                raise GivenUpError
            wandb.setup(quiet)  # else the login speaks, which knows no settings of a run
        mode = "online" if online else "offline"
        return wandb.init(mode=mode, reinit="create_new", settings=quiet, **said)


def give_up() -> bool:
    """End everything online in this process: whoever waits for W&B gets an error. False when it was done before."""
    with _service:
        if given_up.is_set():
            return False
        given_up.set()
        _hush()
        _end()
        return True


def end_service() -> None:
    """End W&B's own process, which may go on trying for days, within a few seconds; the next run starts a new one."""
    with _service:
        _end()


def _hush() -> None:
    """Every run has a thread that asks W&B's process how it is; without that process it would print a traceback."""
    usual = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not args.exc_type.__module__.startswith("wandb."):
            usual(args)

    threading.excepthook = hook


def _is_news(record: logging.LogRecord) -> bool:
    """Runs that are still open write to W&B's process when it has gone: asyncio says so, and nobody can act."""
    return not record.getMessage().startswith("socket.send() raised exception")


def _end() -> None:
    wandb = sys.modules.get("wandb")
    if wandb is None:
        return
    logging.getLogger("asyncio").addFilter(_is_news)
    process = None
    with suppress(AttributeError):  # no public name leads to it
        process = attrgetter("sdk.wandb_setup._singleton._connection._proc._process")(wandb)
    ending = threading.Thread(target=_teardown, args=(wandb,), name="W&B ends", daemon=True)
    ending.start()
    ending.join(END_WAIT)
    if ending.is_alive() and process is not None:
        process.kill()
        ending.join(END_WAIT)


def _teardown(wandb: Any) -> None:
    with suppress(Exception, SystemExit):
        wandb.teardown()
