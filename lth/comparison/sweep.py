"""The runs of a comparison: sweeps for each problem over methods and densities; what is there is not run again.

Where several densities are asked for, methods that pass one on their way as if it were their goal run once, through
all of them; the others once for each.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lth.command.compose import compose
from lth.comparison.passing import passes
from lth.comparison.problems import Problem
from lth.jobs.plan import Plan, prepare
from lth.settings import ConfigurationError

METHOD = re.compile(r"pruning=(\w+)")
FIXED = ("tracking=off", "pictures=false")


def fitting(
    problem: Problem, names: Sequence[str], density: float, more: Sequence[str] = ()
) -> tuple[list[str], dict[str, str]]:
    """The methods that a problem takes, and why it does not take the others; ConfigurationError where it takes none."""
    taken, refused = [], {}
    for name in names:
        try:
            planned(problem, name, density, more)
            taken.append(name)
        except ConfigurationError as error:
            refused[name] = error
    if not taken:
        raise refused[names[0]]
    return taken, {name: str(error) for name, error in refused.items()}


def planned(problem: Problem, name: str, density: float, more: Sequence[str] = ()) -> Plan:
    """The plan of a method's run on a problem down to a density. Raises ConfigurationError where it is none."""
    return _plan(problem, name, (*_to([density]), *more))


def through(densities: Sequence[float]) -> tuple[str, ...]:
    """The schedule of a run that passes every density."""
    falling = ",".join(map(str, sorted(densities, reverse=True)))
    return ("pruning/schedule=densities", f"pruning.schedule.densities=[{falling}]")


def _to(densities: Sequence[float]) -> tuple[str, ...]:
    """The schedule of a run to a density, of a sweep where there are several."""
    return ("pruning/schedule=density", f"pruning.schedule.density={','.join(map(str, densities))}")


def _plan(problem: Problem, name: str, given: Sequence[str]) -> Plan:
    return prepare(compose([*problem.overrides, *FIXED, f"pruning={name}", *given]), Path("unused"))


def run(
    problem: Problem, names: Sequence[str], densities: Sequence[float], seeds: str, folder: Path, more: Sequence[str]
) -> int:
    """Train all of it below `folder`; the worst exit code of `lth.run`."""
    several = names if len(densities) > 1 else ()
    plans = {name: _plan(problem, name, (*through(densities), *more)) for name in several}
    once = [name for name, plan in plans.items() if passes(plan, densities)]
    each = [name for name in names if name not in once]
    code = 0
    for methods, schedule in ((once, through(densities)), (each, _to(densities))):
        if methods:
            code = max(code, _run(problem, methods, schedule, seeds, folder, more))
            if code not in (0, 1):
                break
    return code


def _run(
    problem: Problem, names: Sequence[str], schedule: Sequence[str], seeds: str, folder: Path, more: Sequence[str]
) -> int:
    varying = ("pruning", "pruning.schedule.density", "dataset.seed")
    given = [*problem.overrides, *FIXED, *schedule, *more, "seed="]
    constant = sorted({override.partition("=")[0] for override in given} - set(varying))
    command = [
        sys.executable, "-m", "lth.run", "-m", *problem.overrides, *FIXED, f"pruning={','.join(names)}", *schedule,
        f"seed={seeds}", f"dataset.seed={','.join(map(str, problem.data_seeds))}",
        f"hydra.sweep.dir={folder / slug(problem)}",
        "hydra.sweep.subdir='${hydra.job.override_dirname}'",
        f"hydra.job.config.override_dirname.exclude_keys=[{','.join(constant)}]", *more,
    ]  # fmt: skip
    return _ended(subprocess.Popen(command), problem)


def _ended(child: subprocess.Popen, problem: Problem) -> int:
    """The exit code of a sweep, that of a shell where a signal ended it."""
    code = None
    while code is None:
        with suppress(KeyboardInterrupt):  # the sweep heard it too; it stops after this epoch, and says how to go on
            code = child.wait()
    if code < 0:
        print(f"lth.comparison: signal {-code} ended the runs of {problem.name}; again goes on", file=sys.stderr)
        return 128 - code
    return code


def method_of(run: str) -> str | None:
    """The method of a run, by its folder's name; None for a folder that no sweep over methods made."""
    found = METHOD.search(run)
    return found[1] if found else None


def slug(problem: Problem) -> str:
    """The folder of a problem's runs."""
    return "".join(letter if letter.isalnum() else "-" for letter in problem.name).replace("--", "-")
