"""`python -m lth.run [override…]` trains one stack, with `-m` a sweep of them: compose, check, build, train.

`--resume DIR` goes on with what was started in that folder.

Exit codes: 0 done, 1 a run failed, 2 bad configuration (one line each), 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP.
"""

import errno
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from lth.compose import CONF, compose, explained, pack_seeds, quoted
from lth.plan import Plan, prepare
from lth.record.atomic import RecordError
from lth.record.foreign import content, yaml_of
from lth.settings import ConfigurationError, GridError, SweepError, check_folder, check_launcher, check_machine
from lth.work.claim import check_claim
from lth.work.cores import shared
from lth.work.pool import warm_up

DONE, FAILED, REFUSED = 0, 1, 2
FULL = (errno.ENOSPC, errno.EDQUOT)
RESUME = "--resume"


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: what ends at Ctrl-C ends at these too."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = number


def main() -> NoReturn:
    """The command line's entry."""
    sys.exit(start(sys.argv[1:]))


def start(arguments: Sequence[str]) -> int:
    """Run what the arguments say; returns the exit code."""
    codes: list[int] = []  # of the jobs that were started in this process; -1 while one trains
    try:
        with _terminating():
            packed = pack_seeds(_sweep_first(_resumed(arguments)))
            single = _is_single(packed)
            check_launcher(packed, sweep=not single)
            if single:
                check(packed)
                _launch_single(_recording(codes), packed)
            else:
                _launch(_recording(codes), packed)
    except (ConfigurationError, GridError, SweepError) as error:
        return _say(error, FAILED if isinstance(error, SweepError) else REFUSED)
    except RecordError as error:
        return _say(error, FAILED)
    except KeyboardInterrupt as stop:
        return 128 + getattr(stop, "signal", signal.SIGINT)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            return _say(RecordError(Path(error.filename or "what Hydra writes beside a run"), error), FAILED)
        if codes:
            raise  # a defect, not a configuration: the traceback is what helps
        if os.environ.get("HYDRA_FULL_ERROR") == "1":
            traceback.print_exc()
        overrides = [argument for argument in arguments if not argument.startswith("-")]
        return _say(explained(error, overrides), REFUSED)
    return max(codes, default=DONE)


def _recording(codes: list[int]) -> Callable[[DictConfig], int]:
    """The job that Hydra calls, once for every stack: it keeps its exit code, which Hydra would drop, in `codes`."""

    def job(cfg: DictConfig) -> int:
        plan = prepare(cfg, Path(HydraConfig.get().runtime.output_dir))
        check_machine(plan.settings)
        codes.append(-1)
        with shared(HydraConfig.get().launcher):
            codes[-1] = train([plan])[0]
        return codes[-1]

    return job


def train(plans: Sequence[Plan]) -> list[int]:
    """Train the stacks of the plans; for each 0, or 1 when a seed failed."""
    from lth.work.execute import execute

    return execute(plans)


def check(overrides: Sequence[str]) -> None:
    """Compose and check one job; nothing is left behind. Raises ConfigurationError."""
    config = compose(overrides)
    warm_up()  # it imports in the time that the checks take
    HydraConfig.instance().set_config(config)
    folder = Path(config.hydra.run.dir)
    plan = prepare(config, folder)
    check_machine(plan.settings)
    check_folder("hydra.run.dir", folder)
    check_claim(folder, plan.config_hash)  # now, for Hydra writes into it before it calls the job


def _resumed(arguments: Sequence[str]) -> list[str]:
    """`--resume DIR` replaced by the overrides that the run or sweep in DIR was started with; others come after."""
    arguments = [part for given in arguments for part in _split(given)]
    if RESUME not in arguments:
        return arguments
    place = arguments.index(RESUME)
    folder = Path(arguments[place + 1] if place + 1 < len(arguments) else "")
    others = [*arguments[:place], *arguments[place + 2 :]]
    for recorded, key, sweep in (
        ("multirun.yaml", "hydra.sweep.dir", ["-m"]),
        (".hydra/hydra.yaml", "hydra.run.dir", []),
    ):
        if (folder / recorded).is_file():
            own = [line for line in _given(folder / recorded) if line.partition("=")[0] not in (key, "hydra.mode")]
            return [*sweep, *own, *others, f"{key}={quoted(str(folder))}"]
    raise ConfigurationError(RESUME, folder, "must be the folder of a run or a sweep that was started before")


def _split(argument: str) -> list[str]:
    return argument.split("=", 1) if argument.startswith(f"{RESUME}=") else [argument]


def _given(path: Path) -> list[str]:
    """The overrides that Hydra recorded in this file."""
    try:
        given = yaml_of(content(path))["hydra"]["overrides"]
        lines = [*given["hydra"], *given["task"]]
        if not all(isinstance(line, str) for line in lines):
            raise ValueError("overrides are texts")
        return lines
    except (OSError, ValueError, LookupError, TypeError):
        allowed = f"{path} is broken; give the overrides of the first start with {RESUME} left out"
        raise ConfigurationError(RESUME, path.parent, allowed) from None


def _sweep_first(arguments: Sequence[str]) -> list[str]:
    """`-m` before the overrides: Hydra's parser takes overrides in one piece only."""
    return sorted(arguments, key=lambda argument: argument not in ("-m", "--multirun"))


def _is_single(arguments: Sequence[str]) -> bool:
    """Whether this is one job; Hydra's flags (--help, --cfg, …) and sweeps have their own ways."""
    return not any(re.match(r"-|\+*hydra\.mode=", argument) for argument in arguments)


def _launch_single(job: Callable[[DictConfig], int], arguments: Sequence[str]) -> None:
    """As `_launch`; what the job raises goes round Hydra, which would print its overrides before it."""
    raised: list[Exception] = []

    def caught(cfg: DictConfig) -> int:
        try:
            return job(cfg)
        except Exception as error:  # noqa: BLE001  raised again below
            raised.append(error)
            return FAILED

    _launch(caught, arguments)
    for error in raised:
        raise error


def _launch(job: Callable[[DictConfig], int], arguments: Sequence[str]) -> None:
    argv, shown = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    sys.argv = [argv[0], *arguments]
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises, where it would print and exit on its own
    try:
        hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(job)()
    finally:
        sys.argv = argv
        if shown is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = shown


@contextmanager
def _terminating() -> Iterator[None]:
    """SIGTERM and SIGHUP raise Terminated here, where it can be caught; signals belong to the main thread."""

    def terminate(number: int, _: object) -> NoReturn:
        raise Terminated(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, terminate) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(error: BaseException, code: int) -> int:
    print(error, file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
