"""The runs of a comparison: a sweep for each problem over methods and densities; what is there is not run again."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lth.command.compose import compose
from lth.comparison.problems import Problem
from lth.jobs.plan import Plan, prepare
from lth.settings import ConfigurationError

# The rate is that of the methods that prune step by step.
FIXED = ("pruning/schedule=density", "pruning.schedule.rate=0.32", "tracking=off", "pictures=false")


def fitting(problem: Problem, names: Sequence[str], density: float) -> tuple[list[str], dict[str, str]]:
    """The methods that a problem takes, and why it does not take the others."""
    taken, refused = [], {}
    for name in names:
        try:
            planned(problem, name, density)
            taken.append(name)
        except ConfigurationError as error:
            refused[name] = str(error)
    return taken, refused


def planned(problem: Problem, name: str, density: float, more: Sequence[str] = ()) -> Plan:
    """The plan of a method's run on a problem. Raises ConfigurationError where it does not take it."""
    given = [*problem.overrides, *FIXED, f"pruning.schedule.density={density}", f"pruning={name}", *more]
    return prepare(compose(given), Path("unused"))


def run(
    problem: Problem, names: Sequence[str], densities: Sequence[float], seeds: str, folder: Path, more: Sequence[str]
) -> int:
    """Train all of it below `folder`; the exit code of `lth.run`."""
    varying = ("pruning", "pruning.schedule.density", "dataset.seed")
    given = [*problem.overrides, *FIXED, *more, "seed="]
    constant = sorted({override.partition("=")[0] for override in given} - set(varying))
    command = [
        sys.executable, "-m", "lth.run", "-m", *problem.overrides, *FIXED, f"pruning={','.join(names)}",
        f"pruning.schedule.density={','.join(map(str, densities))}", f"seed={seeds}",
        f"dataset.seed={','.join(map(str, problem.data_seeds))}",
        f"hydra.sweep.dir={folder / slug(problem)}",
        "hydra.sweep.subdir='${hydra.job.override_dirname}'",
        f"hydra.job.config.override_dirname.exclude_keys=[{','.join(constant)}]", *more,
    ]  # fmt: skip
    return subprocess.run(command, check=False).returncode


def method_of(run: str) -> str:
    """The method of a run, by its folder's name."""
    return re.findall(r"pruning=(\w+)", run)[0]


def slug(problem: Problem) -> str:
    """The folder of a problem's runs."""
    return "".join(letter if letter.isalnum() else "-" for letter in problem.name).replace("--", "-")
