"""What W&B costs a run: off, offline, and online to servers that answer well, late, wrongly or not at all."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

KEY = "k" * 40  # one that W&B takes for a key
NOBODY = "http://127.0.0.1:9"  # a port that nothing listens on
ONLINE: dict[str, tuple[str, dict[str, Any] | None]] = {  # mode, and how the server answers (None: there is none)
    "off": ("off", None),
    "offline": ("offline", None),
    "online": ("wandb_online", {}),
    "online, every answer 2 s late": ("wandb_online", {"delay": 2.0}),
    "online, no key (403)": ("wandb_online", {"fault": 403}),
    "online, server error (500)": ("wandb_online", {"fault": 500}),
    "online, no answer": ("wandb_online", {"fault": 0}),
    "online, no server": ("wandb_online", None),
}


class NoServerError(RuntimeError):
    """The servers that stand in for W&B are not here."""


def tracking(repeats: int, hidden: int, seeds: str) -> list[dict[str, Any]]:
    """The whole program with every kind of tracking, taking turns; medians over the repeats.

    `training` are seconds from the command to the last ticket, `all` to the end of the program, `CPU` the processor's
    seconds of all its processes; `W&B said` counts the warnings in its output, `offline` the runs recorded offline.
    Raises NoServerError outside of the repository.
    """
    serving = _serving()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ONLINE}
    for _ in range(repeats):
        for name, (mode, answers) in ONLINE.items():
            server = nullcontext() if answers is None else serving(**answers)
            with tempfile.TemporaryDirectory() as folder, server as one:
                variables = {"WANDB_BASE_URL": NOBODY} if one is None else one.environment()
                found[name].append(_measured(Path(folder), mode, variables, hidden, seeds))
    rows = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in found.items()}
    for row in rows.values():
        row |= {f"{key} / off": row[key] / rows["off"][key] for key in ("training", "CPU")}
    return [{"W&B": name, **row} for name, row in rows.items()]


def _serving() -> Callable[..., Any]:
    """What starts a server that stands in for W&B; the tests have it."""
    try:
        from tests.wandb_server import serving
    except ImportError:
        raise NoServerError("tracking: needs the repository, whose tests have servers that stand in for W&B") from None
    return serving


def _measured(folder: Path, mode: str, variables: dict[str, str], hidden: int, seeds: str) -> dict[str, float]:
    command = [sys.executable, "-m", "lth.run", f"model.hidden={hidden}", f"seed={seeds}", "trainer.workers=1"]
    command += [f"tracking={mode}", f"hydra.run.dir={folder}"]
    environment = os.environ | {"WANDB_API_KEY": KEY} | variables
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    ended, after = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    last = max(path.stat().st_mtime for path in folder.glob("tickets/*/*.safetensors"))
    return {
        "training": last - began,
        "all": ended - began,
        "CPU": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "W&B said": (done.stdout + done.stderr).count("W&B"),
        "offline": len(list(folder.glob("wandb/offline-run-*"))),
    }
