"""What summary.json says: how each seed of a stack ended, with what, where and how long."""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform
import secrets
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from lth.record import summary_file
from lth.ticket.outcome import outcome
from lth.training.messages import SeedFailed

Rows = Sequence[Mapping[str, Any]]
_PACKAGES = {"torch": ("torch",), "lightning": ("lightning", "pytorch-lightning"), "numpy": ("numpy",), "lth": ("lth",)}


def earlier(path: Path) -> dict[str, Any]:
    """What a resumed stack carries on from the summary left there: its id, when it began, how long it has run."""
    fresh = {
        "id": secrets.token_hex(6),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_seconds": 0.0,
    }
    with contextlib.suppress(OSError, ValueError):
        found = summary_file.read(path)
        fresh |= {key: found[key] for key in fresh}
    return fresh


def seed_summary(rows: Rows, failure: SeedFailed | None, levels: int, status: str) -> dict[str, Any]:
    """One seed from its rows of levels 0, 1, …: state, outcome (null until it finished), first levels, failure.

    `levels` is the number of prunings L, `status` the stack's; a seed's state is running, finished, failed or stopped.
    """
    statuses = [row["status"] for row in rows if row.get("status")]
    so_far = outcome(statuses) if rows and len(statuses) == len(rows) else None  # None: no level yet, or not analysed
    if len(rows) > levels:
        state = "finished"
    elif failure is not None:
        state = "failed"
    else:
        state = status if status in ("running", "failed") else "stopped"
    separation = so_far.first_separation if so_far else None
    return {
        "state": state,
        "outcome": so_far.word if so_far and state == "finished" else None,
        "levels": len(rows),
        "first_separation": separation,
        "first_degradation": so_far.first_degradation if so_far else None,
        "active_weights_at_separation": None if separation is None else rows[separation].get("active_weights"),
        "failure": _failure(failure) if state == "failed" and failure is not None else None,
    }


def _failure(failure: SeedFailed) -> dict[str, Any]:
    return {"level": failure.level, "epoch": failure.epoch, "reason": failure.reason}


@cache
def versions() -> dict[str, str | None]:
    """Versions of Python and of what computes, read from their metadata: nothing is imported."""
    return {"python": platform.python_version()} | {name: _version(names) for name, names in _PACKAGES.items()}


def _version(names: Iterable[str]) -> str | None:
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


@cache
def git_commit() -> str | None:
    """The commit of the code that runs, with `+` when tracked files differ from it; None outside a git checkout."""
    commit = _git("rev-parse", "HEAD")
    return commit and commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*command: str) -> str | None:
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None  # installed somewhere inside another project's checkout: that commit is not ours
    try:
        done = subprocess.run(["git", "-C", str(root), *command], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
