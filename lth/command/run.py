"""`python -m lth.run [override…]` trains one stack, with `-m` a sweep of them: compose, check, build, train.

`--resume DIR` goes on with what was started in that folder.

Exit codes: 0 done, 1 a run failed, 2 bad configuration (one line each), 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP.
"""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.types import TaskFunction
from omegaconf import DictConfig, OmegaConf

from lth import __version__, terminal
from lth.command import going_on, signals
from lth.command.accept import accept, foresee, free_folder, new_folder
from lth.command.announce import Start, announce
from lth.command.compose import explained, is_unnamed, pack_seeds, quoted, record_of
from lth.command.describe import describe
from lth.command.dry import FLAG, dry, is_dry
from lth.command.flags import read_flags, written_flags
from lth.command.launch import launch, launch_single
from lth.command.mode import composed, left_out
from lth.command.replay import resumed
from lth.command.typed import check_typed
from lth.files.atomic import RecordError
from lth.jobs.claim import KEY
from lth.jobs.cores import shared
from lth.jobs.plan import Plan, prepare
from lth.jobs.pool import warm_up
from lth.settings import FULL, ConfigurationError, GridError, SweepError, check_launcher, check_machine, check_sweeper

DONE, FAILED, REFUSED = 0, 1, 2
VERSION, HELP = "--version", {"--help", "-h"}


def main() -> NoReturn:
    """The command line's entry."""
    sys.exit(terminal.run(lambda: start(sys.argv[1:])))


def start(arguments: Sequence[str]) -> int:
    """Run what the arguments say; returns the exit code."""
    codes: list[int] = []  # of the jobs that were started in this process; -1 while one trains
    if VERSION in arguments:
        print(version())
        return DONE
    going_on.forget()
    try:
        with signals.ending(), dry(FLAG in arguments):
            given = [argument for argument in arguments if argument != FLAG]
            check_typed(given)
            if HELP & {*given}:
                print(describe([one for one in given if not one.startswith("-")]))
                return DONE
            _start(pack_seeds(_sweep_first(resumed(given))), _recording(codes))
    except KeyboardInterrupt as stop:
        return _stopped(getattr(stop, "signal", signal.SIGINT), arguments)
    except Exception as error:  # noqa: BLE001  each of them gets its exit code
        if (number := signals.asked()) is not None:
            return _stopped(number, arguments)
        return _failed(error, codes, arguments)
    return max(codes, default=DONE)


def _stopped(number: int, arguments: Sequence[str]) -> int:
    """Say how to go on with what this signal interrupted; returns the exit code."""
    print(f"go on with\n{going_on.command(arguments)}", flush=True)
    return 128 + number


def _failed(error: Exception, codes: Sequence[int], arguments: Sequence[str]) -> int:
    """Say why the program ends; returns its exit code. A defect of the program's own is raised."""
    if isinstance(error, ConfigurationError | GridError | SweepError):
        return _say(error, FAILED if isinstance(error, SweepError) else REFUSED)
    if isinstance(error, RecordError):
        return _say(error, FAILED)
    if isinstance(error, OSError) and error.errno in FULL:
        return _say(RecordError(Path(error.filename or "what Hydra writes beside a run"), error), FAILED)
    if codes:
        raise error  # a defect, not a configuration: the traceback is what helps
    if os.environ.get("HYDRA_FULL_ERROR") == "1":
        traceback.print_exception(error)
    overrides = [argument for argument in arguments if not argument.startswith("-")]
    return _say(explained(error, overrides), REFUSED)


def version() -> str:
    """The versions of the laboratory and of torch, and what trains on CPUs here."""
    from importlib.metadata import version as version_of

    from lth.stack import kernel

    trains = f"no kernel ({kernel.why_not()})" if kernel.library() is None else kernel.trained_by()
    return f"lth {__version__}, torch {version_of('torch')}, {trains}"


def _start(packed: Sequence[str], job: TaskFunction) -> None:
    """Have Hydra do what the packed arguments ask for, once it is known that it may."""
    asked = read_flags(packed)
    check_launcher(asked.overrides, sweep=asked.sweep or asked.shows)
    if asked.shows:
        launch(job, packed)
        return
    config, sweep = composed(asked)
    flags = written_flags(replace(asked, sweep=sweep))
    if sweep:
        check_sweeper(config)  # which then checks the jobs
        launch(job, flags)
        return
    named = check(config)
    if not is_dry():
        launch_single(job, [*flags, *named])


def _recording(codes: list[int]) -> TaskFunction:
    """The job that Hydra calls, once for every stack: it keeps its exit code, which Hydra would drop, in `codes`."""

    def job(cfg: DictConfig) -> int:
        hydra = OmegaConf.create({"hydra": HydraConfig.get()})
        plan = prepare(cfg, Path(hydra.hydra.runtime.output_dir), partial(record_of, cfg, hydra))
        check_machine(plan.settings)
        codes.append(-1)
        with shared(hydra.hydra.launcher):
            codes[-1] = train([plan])[0]
        return codes[-1]

    return job


def train(plans: Sequence[Plan]) -> list[int]:
    """Train the stacks of the plans; for each 0, or 1 when a seed failed."""
    from lth.jobs.execute import execute

    signals.end_if_asked()
    return execute(plans)


def check(config: DictConfig) -> list[str]:
    """Say what a composed job will do, and what names its folder where nobody else did.

    Raises ConfigurationError for a job that cannot run.
    """
    HydraConfig.instance().set_config(config)
    folder, unnamed = Path(config.hydra.run.dir), is_unnamed(config, "run")
    known = foresee(config, folder, KEY, new=unnamed)
    keys = config.hydra.overrides.task
    shown = Start(
        folder=free_folder(folder) if unnamed else folder,
        stacks=[known],
        keys=keys,
        own=[[]],
        goes_on=not unnamed and (folder / "summary.json").exists(),
        left_out=left_out(config, keys),
    )
    if is_dry():
        accept(known, folder, KEY, new=unnamed)
        announce(shown, grid=True)
        return []
    announce(shown)
    warm_up()  # it imports in the time that the rest of the checks takes
    accept(known, folder, KEY, new=unnamed)
    if unnamed:
        folder = new_folder(folder)
    going_on.begin(KEY, folder)
    return [f"{KEY}={quoted(str(folder))}"] if unnamed else []


def _sweep_first(arguments: Sequence[str]) -> list[str]:
    """`-m` before the overrides: Hydra's parser takes overrides in one piece only."""
    return sorted(arguments, key=lambda argument: argument not in ("-m", "--multirun"))


def _say(error: BaseException, code: int) -> int:
    print(error, file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
