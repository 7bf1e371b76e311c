"""The experiments in conf/experiment: what each asks, its command, and what measuring it took."""

import re
from dataclasses import dataclass
from pathlib import Path

from lth.ledger.claim import Shelf, Unmeasured

FOLDER = Path(__file__).resolve().parents[2] / "conf" / "experiment"
_LINE = re.compile(r"# (Claim|Command|Expected|Cost): (.+)")


@dataclass(frozen=True)
class Experiment:
    """The first lines of an experiment's file."""

    name: str
    claim: str
    command: str
    expected: str

    def measured(self, shelf: Shelf) -> tuple[str, str, str, str]:
        """Runs, what was left out, time trained, machine; as text."""
        try:
            levels = shelf.table(self.name)
        except Unmeasured:
            return "unmeasured", "", "", ""
        runs = len(levels.drop_duplicates(["run", "seed"]))
        excluded = list(levels.attrs.get("excluded", ())) + list(levels.attrs.get("faults", ()))
        took = levels.attrs.get("provenance", {})
        seconds = took.get("wall_seconds")
        return str(runs), "; ".join(excluded) or "none", _duration(seconds), str(took.get("device", ""))


def _duration(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _read(path: Path) -> Experiment:
    lines = dict(_LINE.findall(path.read_text()))
    return Experiment(path.stem, lines["Claim"], lines["Command"], lines["Expected"])


_ORDER = ("extension", "extension-1", "extension-3", "fixed-levels", "levels", "levels-vs-size", "how", "tasks",
          "tasks-unequal", "noise-inputs", "lottery", "zombies", "weights", "regression", "noise-free", "digits-pair",
          "mnist", "fashion", "mnist-fashion", "null-models")  # fmt: skip
EXPERIMENTS = {name: _read(FOLDER / f"{name}.yaml") for name in _ORDER}
