"""`python -m lth.list [GROUP [NAME]]`: what there is to choose from, a line each; with NAME the keys that it gives."""

import argparse
import sys
from collections.abc import Iterable, Sequence

from lth.settings.conf import CONF, about, groups, presets
from lth.terminal import called, run

DONE, REFUSED = 0, 2
_CHOSEN = {"dataset": "what is learned", "experiment": "a question, its grid and its folder", "model": "the network",
           "optimizer": "how it trains", "penalty": "what is added to the loss", "pruning": "how it is pruned",
           "pruning/clock": "when is pruned", "pruning/criterion": "which weights stay",
           "pruning/effective": "what the network computes with", "pruning/rewind": "where survivors go on from",
           "pruning/schedule": "how many weights stay", "pruning/step": "what happens around every step",
           "tracking": "where runs are mirrored", "trainer": "when a level ends, and on what it trains",
           "hydra/launcher": "where the stacks of a sweep train"}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the groups, the presets of one, or the file of a preset; exit code 0, or 2 with one line."""
    parser = argparse.ArgumentParser(prog=called("list"), description="What there is to choose from, a line each.")
    parser.add_argument("group", metavar="GROUP", nargs="?", help=f"one of {', '.join(groups())}")
    parser.add_argument("name", metavar="NAME", nargs="?", help="one of the group: print the keys that it gives")
    options = parser.parse_args(arguments)
    if options.group is None:
        _print((f"{group}=", _line_of(group)) for group in groups())
        return DONE
    group = options.group.replace(".", "/").rstrip("/=")
    if group not in groups():
        return _refuse(options.group, f"no group; must be one of {', '.join(groups())}")
    if options.name is None:
        inner = [other for other in groups() if other.startswith(f"{group}/")]
        _print((f"{one}={name}", about(one, name)) for one in (group, *inner) for name in presets(one))
        return DONE
    if options.name not in presets(group):
        return _refuse(options.name, f"no {group}; must be one of {', '.join(presets(group))}")
    print((CONF / group / f"{options.name}.yaml").read_text(encoding="utf-8"), end="")
    return DONE


def _line_of(group: str) -> str:
    names = presets(group)
    shown = ", ".join(names) if len(names) <= 6 else f"{len(names)} of them"
    return f"{_CHOSEN.get(group, '')}: {shown}".lstrip(": ")


def _print(lines: Iterable[tuple[str, str]]) -> None:
    pairs = list(lines)
    width = max(len(name) for name, _ in pairs)
    for name, said in pairs:
        print(f"{name:<{width}}  {said}".rstrip())


def _refuse(value: str, allowed: str) -> int:
    print(f"lth.list: {value}: {allowed}", file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(run(main))
