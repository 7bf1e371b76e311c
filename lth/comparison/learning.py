"""`python -m lth.comparison.learning DIR`: does every method that claims to beat random masks beat them?

Trains every preset on digits, down to a tenth of the weights, in few epochs; and, from the same initialisation, a
random mask that keeps as many weights of every layer: plainly trained, or untrained under the same rule where the
method never trains a weight. A line each: accuracy, that of the control, their difference over the seeds with its 95 %
interval, and the verdict. What is in DIR is not trained again.

Exit codes: 0 all that claim to beat them do, 1 one does not, or a run failed, 2 bad arguments, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lth import terminal
from lth.comparison import sweep
from lth.comparison.claims import Claim, claim
from lth.comparison.problems import Problem
from lth.comparison.random_masks import accuracies
from lth.controls.asked import Controlled, Training
from lth.controls.recorded import planned
from lth.controls.train import train
from lth.controls.work import Controls
from lth.files.atomic import RecordError
from lth.jobs.split import job_of
from lth.results.folders import scan
from lth.settings.conf import presets
from lth.settings.foreign import named
from lth.statistics import Interval, mean_interval
from lth.ticket import Ticket, TicketError, load, path_of
from lth.training.job import Job

DENSITY = 0.1
PROBLEM = Problem(
    "digits, 48", ("dataset=digits", "model.hidden=48", "ticket.degrade_on=outputs", "trainer.max_epochs=50"), (0,)
)
BEATS, UNCLEAR, BELOW = "beats it", "unclear", "below it"


@dataclass(frozen=True)
class Line:
    """A method beside its control, seed by seed."""

    method: str
    claims: Claim
    kept: float
    ours: tuple[float, ...]
    control: tuple[float, ...]

    @property
    def difference(self) -> Interval:
        """The mean over the seeds, with its interval."""
        return mean_interval(np.subtract(self.ours, self.control))

    @property
    def verdict(self) -> str:
        """What the interval says; one value has none."""
        low, high = self.difference.low, self.difference.high
        return BEATS if low > 0 else BELOW if high < 0 else UNCLEAR

    @property
    def holds(self) -> bool:
        """Whether the method does what it claims."""
        return self.claims == "nothing" or self.verdict == BEATS


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing, and say how every method does; returns the exit code."""
    options = _parser().parse_intermixed_args(arguments)
    try:
        known: dict[str, Claim] = {name: claim(name) for name in options.methods or presets("pruning")}
        taken, refused = sweep.fitting(PROBLEM, list(known), DENSITY)
        code = sweep.run(PROBLEM, taken, [DENSITY], options.seeds, options.folder, options.more)
        if code not in (0, 1):
            return code
        plain = job_of(sweep.planned(PROBLEM, "magnitude", DENSITY, options.more), "cpu")
        found = list(_lines(options.folder / sweep.slug(PROBLEM), known, plain))
    except (RecordError, TicketError) as error:  # a TicketError is a ValueError as well
        print(f"lth.comparison.learning: {error}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"lth.comparison.learning: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print("\n".join(_table(found)))
    for name, why in refused.items():
        print(f"not run: {name}: {why}")
    missing = {*taken} - {line.method for line in found}
    for name in sorted(missing):
        print(f"nothing came of {name}", file=sys.stderr)
    return max(code, int(bool(missing) or not all(line.holds for line in found)))


def _lines(top: Path, known: Mapping[str, Claim], plain: Job) -> Iterator[Line]:
    """The methods that have run, by name; controls train by the optimiser of the plain job, whatever a preset sets."""
    folders = {sweep.method_of(folder.name): folder for folder in scan(top)}
    for name, claims in known.items():
        if name not in folders:
            continue
        job = job_of(planned(folders[name].path, named([])), "cpu")
        paths = [path_of(job.folder, seed, job.levels) for seed in job.seeds]
        tickets = [load(path) for path in paths if path.exists()]
        if tickets:
            untrained = claims == "untrained"
            control = (
                _untrained(job, tickets) if untrained else accuracies(replace(job, optimizer=plain.optimizer), tickets)
            )
            ours = tuple(float(ticket.row["test_accuracy"]) for ticket in tickets)
            kept = float(np.mean([ticket.row["density"] for ticket in tickets]))
            yield Line(name, claims, kept, ours, tuple(control))


def _untrained(job: Job, tickets: Sequence[Ticket]) -> list[float]:
    trainings = tuple(Training(ticket.seed, ticket.level, False, "shuffled") for ticket in tickets)
    said: list[object] = []
    train(Controls(job, ()).of(trainings), said.append)
    rows = {one.training.seed: one.row for one in said if isinstance(one, Controlled)}
    return [float((rows[ticket.seed] or {}).get("test_accuracy", np.nan)) for ticket in tickets]


def _table(lines: Sequence[Line]) -> Iterator[str]:
    width = max((len(line.method) for line in lines), default=6)
    yield f"{'method':<{width}}  claims     kept  accuracy  control  difference                 n  verdict"
    for line in lines:
        of = line.difference
        told = f"{of.value:+.3f} [{of.low:+.3f}, {of.high:+.3f}]"
        verdict = line.verdict if line.holds else f"{line.verdict}: IT CLAIMS TO BEAT IT"
        yield (
            f"{line.method:<{width}}  {line.claims:<9} {line.kept:>5.1%}  {np.mean(line.ours):>8.3f}  "
            f"{np.mean(line.control):>7.3f}  {told:<25}  {of.n:>1}  {verdict}"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lth.comparison.learning", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the runs lie, or are to lie")
    parser.add_argument("--seeds", default="0..3", help="network seeds")
    parser.add_argument("--methods", type=lambda text: text.split(","), help="these presets alone (default: all)")
    parser.add_argument("more", nargs="*", metavar="OVERRIDE", help="further overrides of lth.run")
    return parser


if __name__ == "__main__":
    sys.exit(terminal.run(main))
