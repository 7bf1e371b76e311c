"""Jobs to the workers, what they finish to the recorders, an exit code for every stack."""

from collections.abc import Sequence

from lth.jobs.endtable import print_end
from lth.jobs.plan import Plan
from lth.jobs.pool import JobStarts, Pool
from lth.jobs.progress import Display
from lth.jobs.recording import Recording
from lth.jobs.split import job_of, level_costs
from lth.jobs.stacks import Stacks
from lth.jobs.standing import StackProgress
from lth.jobs.stopper import Stopped, Stopper
from lth.record.picture import Picture
from lth.stack import kernel
from lth.terminal import heard
from lth.tracking.tracker import drain
from lth.training.job import Job
from lth.training.messages import Warned

DONE, FAILED = 0, 1
STOPPED_WAIT, STOPPED_WORK = 1.5, 1.0  # seconds that W&B gets when the user asked to stop, and processor seconds
PATIENCES = 10  # as many times its patience a level takes before anything is measured; most take 5 to 25


class Execution:
    """One call of `execute`: gives the jobs to the workers, and listens until all of them are over."""

    def __init__(
        self,
        plans: Sequence[Plan],
        names: Sequence[str],
        accelerator: str,
        workers: int,
        pool: Pool,
        stopper: Stopper,
    ) -> None:
        self._plans = {str(plan.folder): plan for plan in plans}
        self._names = dict(zip(self._plans, names, strict=True))
        self._pool, self._stopper, self._accelerator, self._workers = pool, stopper, accelerator, workers
        self._jobs = [job_of(plan, accelerator) for plan in plans]
        self._display = Display(
            [_progress_of(job, self._names[str(job.folder)]) for job in self._jobs],
            workers=workers, guess=self._guess(), stopping=self._asked_to_stop,
        )  # fmt: skip
        self._recording = Recording(self._plans, accelerator, self._display.warn)
        self._stacks = Stacks(
            self._plans, self._names, pool, self._display, self._recording, stopped=self._asked_to_stop
        )

    def run(self) -> list[int]:
        """Train all and record it; an exit code for every stack. Raises Stopped when asked to stop."""
        with self._display:
            if self._accelerator == "cpu" and kernel.library() is None:
                self._display.say(f"no compiled kernel, PyTorch trains, many times slower: {kernel.why_not()}")
            try:
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
        return [FAILED if key in self._stacks.troubled else DONE for key in self._plans]

    def _drain(self) -> None:
        """Wait for W&B; not for long when asked to stop, be it before or now."""
        self._stopper.closing = True
        for text in drain(leave=lambda: self._stopper.asked(STOPPED_WAIT, STOPPED_WORK)):
            self._display.warn(Warned(text))

    def _train(self) -> None:
        with self._stopper.interrupting():  # thousands of tickets take a while to read
            self._stacks.queue(self._jobs, self._workers)
        for event in self._pool.events():
            if event is None:
                self._recording.tick()
            elif isinstance(event.message, JobStarts):
                self._recording.say_how(event.key)
                doing = "draws" if isinstance(event.job, Picture) else "starts"
                self._display.given(self._names[event.key], event.worker, doing)
            else:
                self._stacks.take(event)
            if self._asked_to_stop():
                self._display.acknowledge()
        self._stopper.closing = self._asked_to_stop()
        for key in list(self._recording.open):
            self._stacks.close(key, "stopped")

    def _asked_to_stop(self) -> bool:
        return self._stopper.signal is not None

    def _guess(self) -> float | None:
        """Seconds per unit of cost before anything is measured: where the kernel trains, a cost is that of an epoch."""
        if self._accelerator != "cpu" or kernel.library() is None:
            return None
        return max(min(job.stopping.max_epochs, PATIENCES * job.stopping.patience) for job in self._jobs)


def _progress_of(job: Job, name: str) -> StackProgress:
    return StackProgress(name, job.seeds, job.levels, level_costs(job), job.stopping.max_epochs)
