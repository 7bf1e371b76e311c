"""The experiments in the page's order, first those that came before the protocol, and what measuring each took."""

from lth.collect import Missing, Shelf
from lth.collect.experiments import Experiment, experiment, known

ORDER = ("extension", "extension-1", "extension-3", "fixed-levels", "levels", "levels-vs-size", "how", "tasks",
         "tasks-unequal", "noise-inputs", "lottery", "zombies", "weights", "regression", "noise-free", "digits-pair",
         "mnist", "fashion", "mnist-fashion", "null-models")  # fmt: skip
EXPERIMENTS: dict[str, Experiment] = {
    name: experiment(name) for name in (*ORDER, *(name for name in known() if name not in ORDER))
}


def command_of(name: str) -> str:
    """What makes its table: for the methods their confirmatory runs, since `make methods` has other data draws."""
    return EXPERIMENTS[name].command if name in EXPERIMENTS else f"make {name}-fresh"


def measured(shelf: Shelf, name: str) -> tuple[str, str, str, str]:
    """Runs, what was left out, time trained and on what, as text."""
    try:
        levels = shelf.table(name)
    except Missing:
        return "unmeasured", "", "", ""
    runs = len(levels.drop_duplicates(["run", "seed"]))
    excluded = [*levels.attrs.get("excluded", ()), *levels.attrs.get("faults", ())]
    took = levels.attrs.get("provenance", {})
    return str(runs), "; ".join(excluded) or "none", _duration(took.get("wall_seconds")), str(took.get("device", ""))


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
