"""`lth COMMAND …` or `python -m lth COMMAND …`: the door to all commands; `python -m lth.COMMAND` is each one's own."""

import os
import runpy
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from lth import terminal
from lth.command.completion import FLAGS, complete

DONE, REFUSED = 0, 2
COMMANDS = {
    "run": "train one stack, with -m or an experiment a sweep of them",
    "results": "one row per configuration of the runs in a folder",
    "report": "one offline page of a folder: outcomes, figures, every ticket level by level",
    "ticket": "look at a ticket, or take it elsewhere",
    "figures": "draw the figures of an experiment",
    "collect": "the run folders of an experiment as flat tables",
    "controls": "train each seed's mask otherwise: redrawn, shuffled, without rewinding",
    "retrain": "train a recorded ticket again, otherwise",
    "measures": "connectivity, robustness, signs and overlap of the tickets in a folder",
    "comparison": "every way of pruning on the same problems, at the same counts",
    "dashboard": "save a workspace in W&B",
    "list": "what there is to choose from: datasets, prunings, experiments, …",
}


def main() -> NoReturn:
    """The entry of `lth`: the rest of the command line goes to the command as it is."""
    _find_modules_here()
    sys.exit(_dispatch(sys.argv[1:]))


def _dispatch(arguments: Sequence[str]) -> int:
    name, rest = (arguments[0], arguments[1:]) if arguments else ("--help", ())
    if name in COMMANDS and _is_there(name):
        terminal.door = "lth"
        sys.argv[1:] = rest
        runpy.run_module(f"lth.{name}", run_name="__main__", alter_sys=True)  # which ends the program
        return DONE
    return terminal.run(lambda: _answer(name, arguments))


def _answer(name: str, arguments: Sequence[str]) -> int:
    """What `lth` says itself."""
    if name in FLAGS:
        complete(arguments, filter(_is_there, COMMANDS))
        return DONE
    if name in ("-h", "--help"):
        print(_help())
        return DONE
    if name == "--version":
        from lth.command.run import version

        print(version())
        return DONE
    print(_refusal(name), file=sys.stderr)
    return REFUSED


def _help() -> str:
    known = [name for name in COMMANDS if _is_there(name)]
    lines = [f"  {name:<10} {COMMANDS[name]}" for name in known]
    return "\n".join(
        ["lth COMMAND …", "", *lines, "", "lth COMMAND --help tells more; lth --version, what is installed"]
    )


def _refusal(name: str) -> str:
    from difflib import get_close_matches

    known = ", ".join(command for command in COMMANDS if _is_there(command))
    if "=" in name or name in ("-m", "--multirun", "--resume"):
        return f"{name}: a command comes first: lth run {name} …"
    near = get_close_matches(name, COMMANDS, 1)
    return f"{name}: no command; {f'{near[0]}? ' if near else ''}there are {known}"


def _is_there(name: str) -> bool:
    return find_spec(f"lth.{name}") is not None


def _find_modules_here() -> None:
    """Let a script that was installed find the modules of the current folder, as `python -m` does."""
    if sys.flags.safe_path or not sys.path or Path(sys.path[0]).resolve() != Path(sys.argv[0]).resolve().parent:
        return
    try:
        sys.path[0] = os.getcwd()  # noqa: PTH109  the same text
    except OSError:  # the command says so
        del sys.path[0]


if __name__ == "__main__":
    main()
