"""A seed's run in Trackio, in the folder that Trackio itself names: TRACKIO_DIR, or one in the user's cache."""

from __future__ import annotations

import importlib
import threading
from contextvars import Context
from functools import cache
from pathlib import Path
from typing import Any

from lth.tracking.protocol import Opening, Values

_first = threading.Lock()  # two runs that open at the same time would both make the project


class TrackioRun:
    """See SeedRun; the run's name ends with its id, by which an earlier one is found."""

    def __init__(self, opening: Opening) -> None:
        trackio, tracking, self._level = _trackio(), opening.tracking, 0
        name = f"{opening.name} {opening.id}"
        about = {"job_type": tracking.job_type, "tags": list(tracking.tags), "notes": tracking.notes}
        given = {"project": tracking.project, "name": name, "group": opening.group, "embed": False}
        given |= {"config": {**opening.config, **about}, "auto_log_gpu": False, "auto_log_cpu": False}
        with _first:
            _remove(trackio, tracking.project, name)
            # In a context of its own: in this one it would finish the run that was opened before.
            self._run = Context().run(trackio.init, **given)

    def row(self, level: int, values: Values) -> None:
        """See SeedRun."""
        self._level = level
        self._run.log({name: value for name, value in values.items() if value is not None}, step=level)

    def epoch(self, total: int, values: Values) -> None:
        """See SeedRun."""
        self._run.log(dict(values), step=total)

    def picture(self, level: int, path: Path) -> None:
        """See SeedRun."""
        self._run.log({"ticket": _trackio().Image(str(path), caption=f"level {level}")}, step=level)

    def ticket(self, level: int, path: Path) -> None:
        """See SeedRun."""
        self._run.log_artifact(str(path), name=f"ticket-{self._run.name.rpartition(' ')[2]}", type="ticket")

    def end(self, summary: Values, *, finished: bool) -> None:
        """See SeedRun."""
        self.row(self._level, {**summary, "finished": finished})
        self._run.finish()

    def abandon(self) -> None:
        """See SeedRun."""
        self._run.finish()


@cache
def _trackio() -> Any:
    """The module, which prints a line for whatever it does, without a voice."""
    for name in ("trackio", "trackio.run", "trackio.utils"):
        importlib.import_module(name).__dict__["print"] = lambda *_, **__: None
    return importlib.import_module("trackio")


def _remove(trackio: Any, project: str, name: str) -> None:
    try:
        runs = list(trackio.Api().runs(project))
    except ValueError:  # there is no such project yet
        return
    for run in runs:
        if run.name == name:
            run.delete()
