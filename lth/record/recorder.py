"""The run folder of a stack: tables, summary and pictures, and its mirror in W&B."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lth.data.dataset import Task
from lth.files import checked_json
from lth.files.aside import set_broken_aside
from lth.files.atomic import RecordError, write_atomic
from lth.files.numbers import finite
from lth.record import summary_file
from lth.record.parquet import pack
from lth.record.picture import Picture, drawn_level, is_drawn, png_path
from lth.record.summary import earlier, git_commit, seed_summary, versions
from lth.record.tables import epoch_table, level_table, read_epochs, read_levels
from lth.ticket.configured import configuration_words
from lth.ticket.file import path_of
from lth.tracking.tracker import Tracker, Tracking
from lth.training.messages import Drawn, LevelDone, SeedFailed, Warned

__all__ = ["Header", "RecordError", "Recorder", "Status"]

Status = Literal["finished", "failed", "stopped"]
READERS = {"levels.parquet": read_levels, "epochs.parquet": read_epochs, "summary.json": summary_file.read}
PAUSE = 2.0  # seconds between two writings of the same file
SHARE = 0.05  # of the time at most goes into writing: long curves are written less often


@dataclass(frozen=True)
class Header:
    """What is known of a stack before it trains; `keeps[i]` is level i's keep, so levels run 0..len(keeps) - 1."""

    config: Mapping[str, Any]
    config_hash: str
    seeds: tuple[int, ...]
    tasks: tuple[Task, ...]
    shape: tuple[int, ...]
    keeps: tuple[int, ...]
    device: str = "cpu"
    trained_by: str = "kernel"
    pictures: bool = True
    tracking: Tracking = field(default_factory=Tracking)


class Recorder:
    """Writes one stack's run folder, in the main process only; every file is replaced in one step.

    `finished` are the levels that an earlier process finished: rows are keyed by seed and level, so nothing doubles.
    `warn` is called, in the caller's thread, with what the user should read. Call `tick` now and then: it writes what
    waits. Raises RecordError with the path when the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        header: Header,
        *,
        finished: Iterable[LevelDone] = (),
        warn: Callable[[Warned], None] = lambda _: None,
    ) -> None:
        self.folder, self.header, self._warn = folder, header, warn
        self._rows: dict[tuple[int, int], dict[str, Any]] = {}
        self._curves: dict[tuple[int, int], np.ndarray] = {}
        self._failures: dict[int, SeedFailed] = {}
        self._began, self._status = time.monotonic(), "running"
        self._due: dict[str, float] = dict.fromkeys(READERS, -math.inf)
        self._waiting = set(self._due)
        for text in set_broken_aside(folder, READERS):
            warn(Warned(f"{folder.name}: {text}"))
        self._known = earlier(folder / "summary.json")
        levels = list(finished)
        for done in levels:
            self._keep(done)
        self._write_waiting()
        self._tracker = Tracker(folder, header, self._known["id"])
        for done in levels:
            self._tracker.level(done)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of levels.parquet so far, by seed and level."""
        return [self._rows[key] for key in sorted(self._rows)]

    def level(self, done: LevelDone) -> None:
        """Record a finished level; a level recorded before is replaced."""
        self._keep(done)
        self._tracker.level(done)
        self.tick()

    def failed(self, failure: SeedFailed) -> None:
        """Record that a seed ended early; summary.json has it at once."""
        self._failures[failure.seed] = failure
        self._waiting.add("summary.json")
        self._due["summary.json"] = -math.inf
        self.tick()

    def tick(self) -> None:
        """Write what waits, at most every 2 seconds and in at most a twentieth of the time; pass warnings on."""
        now = time.monotonic()
        self._write_waiting({name for name in self._waiting if self._due[name] <= now})
        self._pass_warnings()

    def over(self, status: Status) -> list[Picture]:
        """Training is over and all of it written; gives what is still to be drawn, for `drawn`."""
        self._status = status
        self._waiting = set(self._due)
        self._write_waiting()
        chosen = [picture for seed in self.header.seeds if (picture := self._picture(seed))]
        return [picture for picture in chosen if self.header.pictures and not is_drawn(self.folder, picture.seed)]

    def drawn(self, drawn: Drawn) -> None:
        """Record ticket.png; a picture that cannot be drawn is only a warning."""
        if drawn.png is None:
            self._warn(Warned(f"no picture of seed {drawn.seed}, level {drawn.level}: {drawn.reason}"))
        else:
            write_atomic(png_path(self.folder, drawn.seed), drawn.png, self.folder)

    def close(self, status: Status) -> None:
        """Write everything and end the W&B runs (these whatever else fails).

        A stack that was over stays what it was: who is stopped while it is drawn has trained all of it.
        """
        try:
            if self._status == "running":
                self._status = status
                self._waiting = set(self._due)
            self._write_waiting()
            if status != "stopped":
                self._mirror_tickets()
        finally:
            self._tracker.finish(self.summary()["seeds"])
            self._pass_warnings()

    def summary(self) -> dict[str, Any]:
        """What summary.json holds, all numbers finite or null."""
        levels = len(self.header.keeps) - 1
        seeds = {
            str(seed): seed_summary(self._chain(seed), self._failures.get(seed), levels, self._status)
            for seed in self.header.seeds
        }
        return finite(
            {
                "status": self._status,
                "id": self._known["id"],
                "config_hash": self.header.config_hash,
                "seeds": seeds,
                "failed": [seed for seed, entry in seeds.items() if entry["state"] == "failed"],
                "levels": levels,
                "shape": self.header.shape,
                "keeps": self.header.keeps,
                "tasks": [task.name for task in self.header.tasks],
                "device": self.header.device,
                "trained_by": self.header.trained_by,
                "versions": versions(),
                "git_commit": git_commit(),
                "started": self._known["started"],
                "wall_seconds": round(self._known["wall_seconds"] + time.monotonic() - self._began, 3),
                "config": self.header.config,
            }
        )

    def _keep(self, done: LevelDone) -> None:
        key = (done.seed, done.level)
        self._rows[key] = {**done.row, "seed": done.seed, "level": done.level}
        self._curves[key] = np.asarray(done.epochs, dtype=np.float64).reshape(-1, 3)
        self._waiting = set(self._due)

    def _chain(self, seed: int) -> list[dict[str, Any]]:
        chain = []
        while (row := self._rows.get((seed, len(chain)))) is not None:
            chain.append(row)
        return chain

    def _write_waiting(self, names: Iterable[str] | None = None) -> None:
        # tables before the summary: a summary that says "finished" stands beside finished tables
        for name in sorted(self._waiting if names is None else names):
            began = time.monotonic()
            write_atomic(self.folder / name, self._content(name))
            ended = time.monotonic()
            self._due[name] = ended + max(PAUSE, (ended - began) / SHARE)
            self._waiting.discard(name)

    def _content(self, name: str) -> bytes:
        if name == "summary.json":
            return checked_json.pack(self.summary())
        if name == "levels.parquet":
            return pack(level_table(self.rows, [task.name for task in self.header.tasks]))
        return pack(epoch_table(self._curves), compression="zstd")

    def _picture(self, seed: int) -> Picture | None:
        """What is drawn of a seed; None before any level is finished."""
        chain = self._chain(seed)
        if not chain:
            return None
        level = drawn_level([row.get("status") for row in chain])
        return Picture(path_of(self.folder, seed, level), seed, level, configuration_words(self.header.config))

    def _mirror_tickets(self) -> None:
        for seed in self.header.seeds:
            if picture := self._picture(seed):
                self._tracker.ticket(seed, picture.level, png_path(self.folder, seed), picture.ticket)

    def _pass_warnings(self) -> None:
        for text in self._tracker.warnings():
            self._warn(Warned(text))
