"""Carries out plans: jobs to the workers, what they finish to the recorders, an exit code for every stack."""

import math
from collections.abc import Sequence

from lth.files.atomic import RecordError
from lth.jobs.claim import KEY, claim_all
from lth.jobs.devices import accelerator_of, check_trainer, workers_for
from lth.jobs.endtable import print_end
from lth.jobs.estimate import estimate
from lth.jobs.plan import Plan
from lth.jobs.pool import Event, JobOver, JobStarts, Pool, WorkerLost
from lth.jobs.progress import Display
from lth.jobs.recording import Recording
from lth.jobs.resume import recorded_seeds, remaining
from lth.jobs.split import job_cost, job_of, level_costs, split
from lth.jobs.standing import StackProgress
from lth.jobs.stopper import Stopped, Stopper
from lth.record.complete import recorded
from lth.record.picture import ENTRY, Picture
from lth.record.recorder import Status
from lth.stack import kernel
from lth.terminal import heard
from lth.tracking.tracker import drain
from lth.training.job import Job
from lth.training.messages import Drawn, Interrupted, LevelDone, Progress, SeedFailed, Warned

DONE, FAILED = 0, 1
STOPPED_WAIT, STOPPED_WORK = 1.5, 1.0  # seconds that W&B gets when the user asked to stop, and processor seconds
ATTEMPTS = 3  # times that a job is given out again without a level finished in between, once its worker was lost


def execute(plans: Sequence[Plan], names: Sequence[str] | None = None) -> list[int]:
    """Train every stack of these plans, record all of it, and return each one's exit code: 0 done, 1 a seed failed.

    Levels whose tickets lie in a plan's folder are not trained again, and the seeds that it has are part of the stack
    whether the plan names them or not. `names` are what the stacks are called on the display, their folders' names by
    default. Raises ConfigurationError for a folder that holds another configuration
    or that another process records into, RecordError when a folder cannot be written, and Stopped when asked to stop.
    """
    accelerator = accelerator_of(plans)
    with claim_all([(plan.folder, plan.config_hash) for plan in plans]):
        for plan in plans:  # not before all of them are held: what is refused changes nothing
            check_trainer(plan.folder, accelerator, KEY)
        plans = [plan.joined_by(recorded_seeds(plan.folder)) for plan in plans]
        workers = workers_for(plans, accelerator)
        with Stopper() as stopper:
            names = names or [plan.folder.name for plan in plans]
            return _Execution(plans, names, accelerator, workers, stopper).run()


class _Execution:
    """One call of `execute`: which stacks are open, and how many of their jobs are still out."""

    def __init__(
        self,
        plans: Sequence[Plan],
        names: Sequence[str],
        accelerator: str,
        workers: int,
        stopper: Stopper,
    ) -> None:
        self._plans = {str(plan.folder): plan for plan in plans}
        self._names = dict(zip(self._plans, names, strict=True))
        self._pool: Pool
        self._stopper, self._workers, self._accelerator = stopper, workers, accelerator
        self._finished: dict[str, list[LevelDone]] = {}
        self._out = dict.fromkeys(self._plans, 0)
        self._attempts: dict[tuple[str, int], int] = {}
        self._troubled: set[str] = set()
        self._drawing: set[str] = set()
        jobs = [job_of(plan, accelerator) for plan in plans]
        self._display = Display(
            [_progress_of(job, self._names[str(job.folder)]) for job in jobs],
            workers=workers, guess=self._guess(jobs), stopping=lambda: stopper.signal is not None,
        )  # fmt: skip
        self._recording = Recording(self._plans, accelerator, self._display.warn)
        self._jobs = jobs

    def run(self) -> list[int]:
        with self._display:
            if self._accelerator == "cpu" and kernel.library() is None:
                self._display.say(f"no compiled kernel, PyTorch trains, many times slower: {kernel.why_not()}")
            try:
                with Pool(self._workers) as self._pool:  # within the display: its imports take seconds
                    self._stopper.stops(self._pool)
                    self._train()
            except Stopped:
                self._recording.abandon()
            except BaseException:
                self._recording.abandon()
                raise
            finally:
                self._drain()
        if self._stopper.signal is not None:
            self._display.say("stopped; what is finished is recorded")
            raise Stopped(self._stopper.signal)
        if len(self._plans) == 1:
            (plan,) = self._plans.values()
            with heard():
                print_end(self._display.console, self._recording.last_rows, plan.folder)
        return [FAILED if key in self._troubled else DONE for key in self._plans]

    def _drain(self) -> None:
        """Wait for W&B; not for long when asked to stop, be it before or now."""
        self._stopper.closing = True
        for text in drain(leave=lambda: self._stopper.asked(STOPPED_WAIT, STOPPED_WORK)):
            self._display.warn(Warned(text))

    def _train(self) -> None:
        with self._stopper.interrupting():  # thousands of tickets take a while to read
            self._queue_all()
        for event in self._pool.events():
            if event is None:
                self._recording.tick()
            elif isinstance(event.message, JobStarts):
                self._recording.say_how(event.key)
                doing = "draws" if isinstance(event.job, Picture) else "starts"
                self._display.given(self._names[event.key], event.worker, doing)
            else:
                self._take(event)
            if self._stopper.signal is not None:
                self._display.acknowledge()
        self._stopper.closing = self._stopper.signal is not None
        for key in list(self._recording.open):
            self._close(key, "stopped")

    def _queue_all(self) -> None:
        left: list[Job] = []
        for job in self._jobs:
            key = str(job.folder)
            found = remaining(job)
            self._finished[key] = list(found.finished)
            for warning in found.warnings:
                self._display.warn(warning)
            left += found.jobs
        for job in split(left, self._workers):
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

    def _take(self, event: Event) -> None:
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
        self._troubled.add(key)
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
        if self._stopper.signal is not None:
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
        if self._out[key] == 0 and self._stopper.signal is None:
            self._end(key)

    def _end(self, key: str) -> None:
        """Nothing of a stack is out: it is trained, and its pictures come next, or these are drawn, too."""
        status: Status = "failed" if key in self._troubled else "finished"
        if key not in self._drawing:
            self._drawing.add(key)
            for picture in self._recording.open[key].over(status):
                self._out[key] += 1
                self._pool.add(key, picture, math.inf, ENTRY)  # before all else: the stack is to be closed
        if self._out[key] == 0:
            self._close(key, status)

    def _close(self, key: str, status: Status) -> None:
        self._recording.close(key, status)
        self._display.done(self._names[key], status)

    def _guess(self, jobs: Sequence[Job]) -> float | None:
        """Seconds per unit of cost before anything is measured: those that the start has told of all of it."""
        if self._accelerator != "cpu":
            return None
        trainer = "torch" if kernel.library() is None else "kernel"
        seconds = sum(estimate(plan, trainer).seconds for plan in self._plans.values())
        return seconds / sum(job_cost(job) for job in jobs)


def _progress_of(job: Job, name: str) -> StackProgress:
    return StackProgress(name, job.seeds, job.levels, level_costs(job), job.stopping.max_epochs)
