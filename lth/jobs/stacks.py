"""The stacks of an execution: what their jobs finish goes to the recorders and the display."""

import math
from collections.abc import Callable, Mapping, Sequence

from lth.files.atomic import RecordError
from lth.jobs.plan import Plan
from lth.jobs.pool import Event, JobOver, Pool, WorkerLost
from lth.jobs.progress import Display
from lth.jobs.recording import Recording
from lth.jobs.resume import remaining
from lth.jobs.split import job_cost, split
from lth.record.complete import recorded
from lth.record.picture import ENTRY, Picture
from lth.record.recorder import Status
from lth.training.job import Job
from lth.training.messages import Drawn, Interrupted, LevelDone, Progress, SeedFailed, Warned

ATTEMPTS = 3  # times that a job is given out again without a level finished in between, once its worker was lost


class Stacks:
    """Which stacks are open, how many of their jobs are still out, and which are in trouble; by their folders."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        names: Mapping[str, str],
        pool: Pool,
        display: Display,
        recording: Recording,
        stopped: Callable[[], bool],
    ) -> None:
        self._plans, self._names, self._pool = plans, names, pool
        self._display, self._recording, self._stopped = display, recording, stopped
        self._finished: dict[str, list[LevelDone]] = {}
        self._out = dict.fromkeys(plans, 0)
        self._attempts: dict[tuple[str, int], int] = {}
        self.troubled: set[str] = set()
        self._drawing: set[str] = set()

    def queue(self, jobs: Sequence[Job], workers: int) -> None:
        """Give out what is left of the jobs, cut for so many workers; what is finished already is recorded."""
        left: list[Job] = []
        for job in jobs:
            key = str(job.folder)
            found = remaining(job)
            self._finished[key] = list(found.finished)
            for warning in found.warnings:
                self._display.warn(warning)
            left += found.jobs
        for job in split(left, workers):
            self._add(job)
        for key, out in self._out.items():
            if out == 0:  # all of it was finished before
                self._skip(key)

    def _skip(self, key: str) -> None:
        """A stack whose levels are all finished; what an earlier process did not record of it is recorded now."""
        self._recording.say_how(key)
        finished, header = self._finished[key], self._recording.header(key)
        if not recorded(self._plans[key].folder, header, finished):
            self._open(key)
            self._end(key)
            return
        self._display.running(self._names[key], finished)
        self._display.done(self._names[key])
        self._recording.last_rows = [{**done.row, "seed": done.seed, "level": done.level} for done in finished]

    def _add(self, job: Job) -> None:
        key = str(job.folder)
        self._out[key] += 1
        self._pool.add(key, job, job_cost(job))

    def take(self, event: Event) -> None:
        """What a worker says of one of the stacks."""
        key, message = event.key, event.message
        if key not in self._recording.open:
            self._open(key)
        name, recorder = self._names[key], self._recording.open[key]
        match message:
            case Progress():
                self._display.progress(name, event.worker, message)
            case LevelDone():
                recorder.level(message)
                self._display.level(name, message)
            case SeedFailed():
                self._fail(key, message)
            case Warned():
                self._display.warn(message)
            case Drawn():
                recorder.drawn(message)
            case JobOver(error):
                self._finish(key, event.job, error)
                self._over(key, event.worker)
            case WorkerLost(code):
                self._replace(key, event.job, code)
                self._over(key, event.worker)
            case Interrupted():
                pass

    def _open(self, key: str) -> None:
        finished = self._finished.pop(key)
        self._recording.begin(key, finished)
        self._display.running(self._names[key], finished)

    def _fail(self, key: str, failure: SeedFailed) -> None:
        self.troubled.add(key)
        self._recording.open[key].failed(failure)
        self._display.failed(self._names[key], failure)

    def _finish(self, key: str, job: Job | Picture, error: str | RecordError | None) -> None:
        if isinstance(error, RecordError):
            raise error
        if error is not None and isinstance(job, Job):
            self._give_up(key, job, error)

    def _give_up(self, key: str, job: Job, reason: str) -> None:
        """A job ended by an error: its seeds failed at the levels that they had reached."""
        for part in remaining(job).jobs:
            for seed in part.seeds:
                self._fail(key, SeedFailed(seed, part.first_level, 0, reason))

    def _replace(self, key: str, job: Job | Picture, code: int | None) -> None:
        """Give a lost worker's job out again from its last finished levels, unless it gets nowhere."""
        if self._stopped():
            return
        if isinstance(job, Picture):
            reason = f"its worker was lost (exit code {code})"
            self._recording.open[key].drawn(Drawn(job.seed, job.level, None, reason))
            return
        left = remaining(job)
        for done in left.finished:
            self._recording.open[key].level(done)
        for part in left.jobs:
            at = (f"{key} {part.seeds}", part.first_level)
            self._attempts[at] = self._attempts.get(at, 0) + 1
            if self._attempts[at] >= ATTEMPTS:
                self._give_up(key, part, f"its worker was lost {ATTEMPTS} times (exit code {code})")
            else:
                seeds = ", ".join(map(str, part.seeds))
                self._display.warn(Warned(f"a worker was lost (exit code {code}); seeds {seeds} go on from level "
                                          f"{part.first_level}"))  # fmt: skip
                self._add(part)

    def _over(self, key: str, worker: int) -> None:
        self._display.idle(self._names[key], worker)
        self._out[key] -= 1
        if self._out[key] == 0 and not self._stopped():
            self._end(key)

    def _end(self, key: str) -> None:
        """Nothing of a stack is out: it is trained, and its pictures come next, or these are drawn, too."""
        status: Status = "failed" if key in self.troubled else "finished"
        if key not in self._drawing:
            self._drawing.add(key)
            for picture in self._recording.open[key].over(status):
                self._out[key] += 1
                self._pool.add(key, picture, math.inf, ENTRY)  # before all else: the stack is to be closed
        if self._out[key] == 0:
            self.close(key, status)

    def close(self, key: str, status: Status) -> None:
        """Nothing more comes of a stack."""
        self._recording.close(key, status)
        self._display.done(self._names[key], status)
