"""Completion in the shell: Hydra's, for `lth run KEY=VALUE`, and the names of the commands before it."""

import os
from collections.abc import Iterable, Sequence

FLAGS = ("-sc", "--shell-completion", "--shell_completion")
_LINE = "COMP_LINE"  # what was typed so far, from the shell


def complete(arguments: Sequence[str], commands: Iterable[str]) -> None:
    """Do what the shell asks of `lth` by one of FLAGS: print how to install completion, or what could come next."""
    asked = arguments[1] if len(arguments) > 1 else ""
    if asked.startswith("query="):
        program, *rest = os.environ.get(_LINE, "").split(maxsplit=1) or [""]
        command, space, line = (rest[0] if rest else "").partition(" ")
        if not space:
            print(" ".join(name for name in commands if name.startswith(command)))
            return
        if command != "run":
            return
        os.environ[_LINE] = f"{program} {line}"  # Hydra knows of no command
    from lth.command.run import start

    start(arguments)
