"""The experiments that conf/experiment/ knows: their grids, their commands, the tables that each of them gets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lth.settings.conf import CONF, presets

_SAID = re.compile(r"^# (Question|Claim|Command|Expected|Cost): (.+)$", re.MULTILINE)
_PIXELS = ("digits-pair", "mnist", "fashion", "mnist-fashion", "lenet")
_TABLES = {  # beside the tables that every experiment gets
    "inputs": ("noise-inputs", *_PIXELS),
    "neurons": ("zombies", "extension"),
    "weights": ("weights",),
    "courses": ("main", "bridge", "extension"),
}


class CollectError(ValueError):
    """Nothing can be collected there; the message is one line."""


@dataclass(frozen=True)
class Experiment:
    """One file of conf/experiment: the keys of its grid as they are typed, and its first lines.

    Those are the command that runs it, the question, the claim that it tests, the expected outcome, and what it costs.
    """

    name: str
    keys: tuple[str, ...]
    command: str
    claim: str = ""
    expected: str = ""
    question: str = ""
    cost: str = ""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it gets; controls only where there are any."""
        return ("levels", "null", *(table for table, names in _TABLES.items() if self.name in names), "controls")


def known() -> list[str]:
    """The names of all experiments, sorted."""
    return presets("experiment")


def experiment(name: str) -> Experiment:
    """The experiment of this name; raises CollectError, which lists those there are, for any other."""
    import yaml

    if name not in known():
        raise CollectError(f"no experiment {name!r}; there are {', '.join(known())}")
    text = (CONF / "experiment" / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    grid = content.get("hydra", {}).get("sweeper", {}).get("params", {})
    said = dict(_SAID.findall(text))
    return Experiment(
        name,
        tuple(grid),
        command=said.get("Command", f"make {name}"),
        **{word.lower(): said.get(word, "") for word in ("Claim", "Expected", "Question", "Cost")},
    )
