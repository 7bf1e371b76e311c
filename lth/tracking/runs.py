"""The W&B runs of one stack, one per seed: what is said to W&B, and under which names."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from lth.files.numbers import finite
from lth.ticket.outcome import Word
from lth.tracking.service import GivenUpError, open_run
from lth.training.messages import LevelDone

if TYPE_CHECKING:
    from wandb import Run

    from lth.data.dataset import Task

Mode = Literal["offline", "wandb_online", "off"]
FINISHING = 8  # runs of a stack that end at the same time: online each waits for its uploads
LONGEST_NAME = 128
CURVES = ("train_loss", "val_loss", "val_accuracy")


@dataclass(frozen=True)
class Tracking:
    """What goes to W&B and under which names; `group` None means the configuration's hash."""

    mode: Mode = "offline"
    project: str = "lth"
    entity: str | None = None
    group: str | None = None
    job_type: str = "stack"
    tags: tuple[str, ...] = ()
    notes: str | None = None
    epochs: bool = False
    picture: bool = False
    ticket: bool = False


class Mirrored(Protocol):
    """What the mirror needs to know of a stack: lth.record.recorder.Header has it."""

    @property
    def config(self) -> Mapping[str, Any]: ...
    @property
    def config_hash(self) -> str: ...
    @property
    def seeds(self) -> tuple[int, ...]: ...
    @property
    def tasks(self) -> tuple[Task, ...]: ...
    @property
    def tracking(self) -> Tracking: ...


class SeedRuns:
    """Opens, writes and finishes the W&B runs of a stack; every method may raise whatever W&B raises.

    Run ids are `<run_id>-<seed>`: a resumed stack sends all its levels again under the same ids, so nothing doubles.
    Once `broken` says yes, thousands of seeds are not gone through one by one: the next call raises.
    """

    def __init__(
        self, folder: Path, stack: Mirrored, run_id: str, *, online: bool, broken: Callable[[], bool] = lambda: False
    ) -> None:
        self._folder, self._stack, self._tracking, self._id = folder, stack, stack.tracking, run_id
        self._online, self._broken = online, broken
        self._runs: dict[int, Run] = {}
        self._epochs: dict[int, int] = {}

    def level(self, done: LevelDone) -> None:
        """One row for the level, without what is null, after one row per epoch when curves are asked for."""
        row = {name: finite(value) for name, value in done.row.items()} | {"level": done.level, "seed": done.seed}
        new = done.seed not in self._runs
        run = self._run(done.seed)
        if new:
            for name in row:
                run.define_metric(name, step_metric=None if name == "level" else "level")
            run.define_metric("epoch/*", step_metric="epoch/total")
        if self._tracking.epochs:
            self._curves(run, done)
        run.log({name: value for name, value in row.items() if value is not None})

    def ticket(self, seed: int, level: int, picture: Path, ticket: Path) -> None:
        """The picture and the file of a seed's ticket, as far as asked for and there."""
        import wandb

        run = self._run(seed)
        if self._tracking.picture and picture.exists():
            run.log({"ticket": wandb.Image(str(picture), caption=f"level {level}")})
        if self._tracking.ticket:
            artifact = wandb.Artifact(f"ticket-{self._id}-{seed}", "ticket", metadata={"seed": seed, "level": level})
            artifact.add_file(str(ticket), policy="immutable")
            run.log_artifact(artifact)

    def end(self, seeds: Mapping[str, Mapping[str, Any]]) -> None:
        """Finish every seed's run with its entry of summary.json; also the run of a seed that has no level."""
        for seed in self._stack.seeds:
            self._run(seed)
        with ThreadPoolExecutor(FINISHING) as pool:
            list(pool.map(lambda seed: self._end(seed, seeds[str(seed)]), self._stack.seeds))

    def abandon(self) -> None:
        """Finish what a failure left open, as well as it goes; raises nothing."""
        for run in list(self._runs.values()):
            with suppress(Exception, SystemExit):  # the first failure is already told
                run.finish(exit_code=1)
        self._runs.clear()

    def _end(self, seed: int, entry: Mapping[str, Any]) -> None:
        if self._broken():
            raise GivenUpError
        run = self._runs[seed]
        run.summary.update({name: value for name, value in entry.items() if value is not None} | _counted(entry))
        current = Path(run.dir).parent
        run.finish(exit_code=0 if entry["state"] == "finished" else 1)
        del self._runs[seed]
        for earlier in (self._folder / "wandb").iterdir():  # of a process that was interrupted
            ours = "run-" in earlier.name and earlier.name.endswith(f"-{self._id}-{seed}")
            if ours and earlier.name != current.name and not earlier.is_symlink():
                shutil.rmtree(earlier)  # the new run holds all its levels

    def _curves(self, run: Run, done: LevelDone) -> None:
        for epoch, values in enumerate(done.epochs.tolist(), start=1):
            total = self._epochs[done.seed] = self._epochs.get(done.seed, 0) + 1
            place = {"epoch/level": done.level, "epoch/epoch": epoch, "epoch/total": total}
            run.log(place | {f"epoch/{name}": finite(value) for name, value in zip(CURVES, values, strict=True)})

    def _run(self, seed: int) -> Run:
        if self._broken():
            raise GivenUpError
        if seed not in self._runs:
            tracking, stack = self._tracking, self._stack
            self._runs[seed] = open_run(
                online=self._online,
                id=f"{self._id}-{seed}",
                name=run_name(self._folder.name, seed),
                dir=str(self._folder),
                project=tracking.project,
                entity=tracking.entity,
                group=tracking.group or stack.config_hash,
                job_type=tracking.job_type,
                tags=list(tracking.tags),
                notes=tracking.notes,
                config=finite({**stack.config, "seed": seed, "config_hash": stack.config_hash}),
            )
        return self._runs[seed]


def run_name(folder: str, seed: int) -> str:
    """What a seed's run is called; of a long folder's name the beginning, for W&B takes names of 128 characters."""
    ending = f" seed={seed}"
    return folder[: LONGEST_NAME - len(ending)] + ending


def _counted(entry: Mapping[str, Any]) -> dict[str, int]:
    """The outcome as numbers that W&B can add up over seeds: 1 for a run's own, 0 for the others; {} before it ends."""
    word = entry["outcome"]
    return {} if word is None else {f"outcome/{other}": int(other == word) for other in get_args(Word)}
