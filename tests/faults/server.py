"""`python -m tests.faults.server` imports the program once and forks it for every line on standard input.

A fault is tried many times, and a start takes seconds of imports. Each line is a JSON list: the current folder, where
standard output and standard error go, the arguments of `python -m lth.run`, and code to run before it. The answer is
the process's id; it leads a process group of its own, its workers included. An id as a line asks for the exit code.
"""

import json
import multiprocessing
import os
import signal
import sys
import traceback
from pathlib import Path

import lth.command.run
import lth.jobs.execute
import lth.jobs.pool
import lth.record.picture
import lth.results.table
import lth.training.train


def main() -> None:
    """Answer until standard input ends."""
    fork = multiprocessing.get_context("fork")
    multiprocessing.get_context = lambda method=None: fork  # type: ignore[assignment]
    lth.jobs.pool.warm_up = lth.command.run.warm_up = lambda: None
    # Forked workers hold each other's pipes, so that the end of the main process does not reach them.
    lth.jobs.pool.Pool.__exit__ = lambda pool, *_: pool.kill()  # type: ignore[method-assign]
    lth.record.picture.png_of = lambda *_: b"no picture"
    for line in sys.stdin:
        asked = json.loads(line)
        print(_start(*asked) if isinstance(asked, list) else _ended(asked), flush=True)


def _start(folder: str, out: str, err: str, arguments: list[str], before: str) -> int:
    process = os.fork()
    if process:
        return process
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever started the tests may have been told to ignore it
    os.chdir(folder)
    code: object = 70
    begun = False
    try:  # the tests may signal it as soon as its output is there
        for descriptor, path in ((0, os.devnull), (1, out), (2, err)):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), descriptor)
        sys.argv = [str(Path(lth.command.run.__file__)), *arguments]
        exec(before, {})
        begun = True
        lth.command.run.main()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        if begun:
            traceback.print_exc()
        else:  # before the program could mind it
            code = 130
    except BaseException:  # noqa: BLE001  what the interpreter would print
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _ended(process: int) -> str:
    """Its exit code, minus the signal that killed it, or null while it runs."""
    ended, status = os.waitpid(process, os.WNOHANG)
    return json.dumps(os.waitstatus_to_exitcode(status) if ended else None)


if __name__ == "__main__":
    main()
