"""The runs of one stack in its tracker, one per seed: what is said to it, and under which names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, get_args

from lth.files.numbers import finite
from lth.ticket.outcome import Word
from lth.tracking.protocol import Opening, SeedRun, Tracking
from lth.tracking.service import GivenUpError
from lth.training.messages import LevelDone

if TYPE_CHECKING:
    from lth.data.dataset import Task

FINISHING = 8  # runs of a stack that end at the same time: online each waits for its uploads
LONGEST_NAME = 128
CURVES = ("train_loss", "val_loss", "val_accuracy")


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
    """Opens, writes and finishes the runs of a stack; every method may raise whatever the tracker raises.

    Run ids are `<run_id>-<seed>`: a resumed stack sends all its levels again under the same ids, so nothing doubles.
    Once `broken` says yes, thousands of seeds are not gone through one by one: the next call raises.
    """

    def __init__(
        self, folder: Path, stack: Mirrored, run_id: str, *, online: bool, broken: Callable[[], bool] = lambda: False
    ) -> None:
        self._folder, self._stack, self._tracking, self._id = folder, stack, stack.tracking, run_id
        self._online, self._broken = online, broken
        self._runs: dict[int, SeedRun] = {}
        self._epochs: dict[int, int] = {}

    def level(self, done: LevelDone) -> None:
        """One row for the level, after one point per epoch when curves are asked for."""
        run = self._run(done.seed)
        if self._tracking.epochs:
            self._curves(run, done)
        row = {name: finite(value) for name, value in done.row.items()} | {"level": done.level, "seed": done.seed}
        run.row(done.level, row)

    def ticket(self, seed: int, level: int, picture: Path, ticket: Path) -> None:
        """The picture and the file of a seed's ticket, as far as asked for and there."""
        run = self._run(seed)
        if self._tracking.picture and picture.exists():
            run.picture(level, picture)
        if self._tracking.ticket:
            run.ticket(level, ticket)

    def end(self, seeds: Mapping[str, Mapping[str, Any]]) -> None:
        """Finish every seed's run with its entry of summary.json; a seed that failed has one even without a level."""
        ended = [seed for seed in self._stack.seeds if seed in self._runs or seeds[str(seed)]["state"] == "failed"]
        for seed in ended:
            self._run(seed)
        with ThreadPoolExecutor(FINISHING) as pool:
            list(pool.map(lambda seed: self._end(seed, seeds[str(seed)]), ended))

    def abandon(self) -> None:
        """Finish what a failure left open, as well as it goes; raises nothing."""
        for run in list(self._runs.values()):
            with suppress(Exception, SystemExit):  # the first failure is already told
                run.abandon()
        self._runs.clear()

    def _end(self, seed: int, entry: Mapping[str, Any]) -> None:
        if self._broken():
            raise GivenUpError
        self._runs[seed].end({**entry, **_counted(entry)}, finished=entry["state"] == "finished")
        del self._runs[seed]

    def _curves(self, run: SeedRun, done: LevelDone) -> None:
        for epoch, values in enumerate(done.epochs.tolist(), start=1):
            total = self._epochs[done.seed] = self._epochs.get(done.seed, 0) + 1
            place = {"epoch/level": done.level, "epoch/epoch": epoch, "epoch/total": total}
            point = {f"epoch/{name}": finite(value) for name, value in zip(CURVES, values, strict=True)}
            run.epoch(total, place | point)

    def _run(self, seed: int) -> SeedRun:
        if self._broken():
            raise GivenUpError
        if seed not in self._runs:
            tracking, stack = self._tracking, self._stack
            opening = Opening(
                id=f"{self._id}-{seed}",
                name=run_name(self._folder.name, seed),
                seed=seed,
                group=tracking.group or stack.config_hash,
                folder=self._folder,
                config=finite({**stack.config, "seed": seed, "config_hash": stack.config_hash}),
                tracking=tracking,
            )
            self._runs[seed] = opened(opening, online=self._online)
        return self._runs[seed]


def opened(opening: Opening, *, online: bool) -> SeedRun:
    """A new run of the tracker that the mode names; the libraries are imported here, and no other."""
    match opening.tracking.mode:
        case "tensorboard":
            from lth.tracking.tensorboard_run import TensorBoardRun

            return TensorBoardRun(opening)
        case "mlflow":
            from lth.tracking.mlflow_run import MlflowRun

            return MlflowRun(opening)
        case "trackio":
            from lth.tracking.trackio_run import TrackioRun

            return TrackioRun(opening)
    from lth.tracking.wandb_run import WandbRun

    return WandbRun(opening, online=online)


def run_name(folder: str, seed: int) -> str:
    """What a seed's run is called; of a long folder's name the beginning, for W&B takes names of 128 characters."""
    ending = f" seed={seed}"
    return folder[: LONGEST_NAME - len(ending)] + ending


def _counted(entry: Mapping[str, Any]) -> dict[str, int]:
    """The outcome as numbers that W&B can add up over seeds: 1 for a run's own, 0 for the others; {} before it ends."""
    word = entry["outcome"]
    return {} if word is None else {f"outcome/{other}": int(other == word) for other in get_args(Word)}
