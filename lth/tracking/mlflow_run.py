"""A seed's run in MLflow, in the store that MLflow itself names: MLFLOW_TRACKING_URI, or mlflow.db in this folder."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth.tracking.protocol import Opening, Values

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient  # pyright: ignore[reportMissingImports]

BATCH = 900  # metrics, and
PARAMETERS = 90  # parameters that MLflow takes at a time
LONGEST = 5000  # letters of a text
_first = threading.Lock()  # the store and the experiment are made once


class MlflowRun:
    """See SeedRun; numbers are metrics, texts are tags, of which MLflow keeps the last."""

    def __init__(self, opening: Opening) -> None:
        from mlflow.entities import Param  # pyright: ignore[reportMissingImports]

        tracking, self._level = opening.tracking, 0
        with _first:
            self._client = _client()
            experiment = _experiment(self._client, tracking.project)
        same = f"tags.`lth.id` = '{opening.id}'"
        for earlier in self._client.search_runs([experiment], same):
            self._client.delete_run(earlier.info.run_id)
        tags = {"lth.id": opening.id, "group": opening.group, "job_type": tracking.job_type}
        tags |= {"mlflow.note.content": tracking.notes or "", **dict.fromkeys(tracking.tags, "")}
        self._id = self._client.create_run(experiment, tags=tags, run_name=opening.name).info.run_id
        parameters = [Param(key, str(value)[:LONGEST]) for key, value in _flat(opening.config)]
        for first in range(0, len(parameters), PARAMETERS):
            self._client.log_batch(self._id, params=parameters[first : first + PARAMETERS])
        self._waiting: list[Any] = []

    def row(self, level: int, values: Values) -> None:
        """See SeedRun."""
        self._level = level
        self._add(values, level)
        for name, value in values.items():
            if isinstance(value, str):
                self._client.set_tag(self._id, name, value[:LONGEST])
        self._send()

    def epoch(self, total: int, values: Values) -> None:
        """See SeedRun."""
        self._add(values, total)
        if len(self._waiting) > BATCH:
            self._send()

    def picture(self, level: int, path: Path) -> None:
        """See SeedRun."""
        self._client.log_artifact(self._id, str(path))

    def ticket(self, level: int, path: Path) -> None:
        """See SeedRun."""
        self._client.log_artifact(self._id, str(path))

    def end(self, summary: Values, *, finished: bool) -> None:
        """See SeedRun."""
        self.row(self._level, summary)
        self._client.set_terminated(self._id, "FINISHED" if finished else "FAILED")

    def abandon(self) -> None:
        """See SeedRun."""
        self._client.set_terminated(self._id, "KILLED")

    def _add(self, values: Values, step: int) -> None:
        from mlflow.entities import Metric  # pyright: ignore[reportMissingImports]

        now = int(time.time() * 1000)
        numbers = {name: value for name, value in values.items() if isinstance(value, int | float)}
        self._waiting += [Metric(name, float(value), now, step) for name, value in numbers.items()]

    def _send(self) -> None:
        for first in range(0, len(self._waiting), BATCH):
            self._client.log_batch(self._id, metrics=self._waiting[first : first + BATCH])
        self._waiting = []


@cache
def _client() -> MlflowClient:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from mlflow.tracking import MlflowClient  # pyright: ignore[reportMissingImports]
    from mlflow.utils.logging_utils import disable_logging  # pyright: ignore[reportMissingImports]

    disable_logging()  # it tells of every table that it makes
    return MlflowClient()


def _experiment(client: MlflowClient, name: str) -> str:
    known = client.get_experiment_by_name(name)
    return client.create_experiment(name) if known is None else known.experiment_id


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
