"""The run folders that an execution writes: how each stack was composed, and the recorders of those that train."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lth.files.atomic import RecordError, write_atomic
from lth.jobs.devices import device_of, trained_by
from lth.jobs.plan import Plan
from lth.record.recorder import Header, Recorder, Status
from lth.tracking.tracker import Tracking
from lth.training.messages import LevelDone, Warned


class Recording:
    """One recorder for each stack that is open, by the stack's key; what was recorded last stays in `last_rows`."""

    def __init__(self, plans: Mapping[str, Plan], accelerator: str, warn: Callable[[Warned], None]) -> None:
        self._plans, self._accelerator, self._warn = plans, accelerator, warn
        self._said: set[str] = set()  # the stacks of which the folder tells how they were composed
        self.open: dict[str, Recorder] = {}
        self.last_rows: Sequence[Mapping[str, Any]] = ()

    def say_how(self, key: str) -> None:
        """Let the stack's folder tell how it was composed: before anything is trained into it, and not all at once."""
        if key not in self._said:
            self._said.add(key)
            plan = self._plans[key]
            for name, content in plan.record().items():
                write_atomic(plan.folder / name, content, within=plan.folder)

    def begin(self, key: str, finished: Sequence[LevelDone]) -> None:
        """Open the recorder of a stack, with the levels that an earlier process finished."""
        self.open[key] = Recorder(self._plans[key].folder, self.header(key), finished=finished, warn=self._warn)

    def header(self, key: str) -> Header:
        """What is known of a stack before it trains."""
        plan = self._plans[key]
        tracking = Tracking(**plan.settings.tracking.model_dump())
        return Header(
            config=plan.config,
            config_hash=plan.config_hash,
            seeds=plan.seeds,
            tasks=plan.dataset.tasks,
            shape=plan.shape,
            keeps=plan.keeps,
            device=device_of(self._accelerator),
            trained_by=trained_by(self._accelerator),
            pictures=plan.settings.pictures,
            tracking=tracking,
        )

    def tick(self) -> None:
        """Write what waits."""
        for recorder in self.open.values():
            recorder.tick()

    def close(self, key: str, status: Status) -> None:
        """Close the recorder of a stack."""
        recorder = self.open.pop(key)
        recorder.close(status)
        self.last_rows = recorder.rows

    def abandon(self) -> None:
        """Record what can still be recorded; the error that ended it all is what the user should read."""
        for recorder in self.open.values():
            with suppress(RecordError):
                recorder.close("stopped")
