"""The configuration of a run in one line, as its pictures name it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lth.files.foreign import content, line, yaml_of

_DATA = ("noise", "noise_inputs", "seed")  # of a dataset, where they are not 0


def configuration_words(config: Mapping[str, Any]) -> str:
    """Dataset, hidden layers and how it was pruned, as far as the configuration says: one line, empty for none."""
    parts = [_dataset(_below(config, "dataset")), _hidden(_below(config, "model")), _pruning(_below(config, "pruning"))]
    return line("; ".join(part for part in parts if part))[:300]


def words_beside(ticket: Path) -> str:
    """The same for the run folder that a ticket's file lies in, empty where it lies in none that can be read."""
    try:
        found = yaml_of(content(ticket.absolute().parents[2] / ".hydra" / "config.yaml"))
    except (OSError, ValueError, IndexError):
        return ""
    return configuration_words(found) if isinstance(found, Mapping) else ""


def _below(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = config.get(name)
    return found if isinstance(found, Mapping) else {}


def _dataset(dataset: Mapping[str, Any]) -> str:
    """The function that builds it, its tasks where it is told them, and what is not 0 of what makes it hard."""
    target = str(dataset.get("_target_") or "")
    if not target:
        return ""
    tasks = dataset.get("tasks")
    values = list(map(str, tasks)) if isinstance(tasks, (list, tuple)) else []
    values += [f"{name.replace('_', ' ')} {dataset[name]}" for name in _DATA if dataset.get(name)]
    return f"dataset {target.removeprefix('lth.data.').removesuffix('.build')}{_aside(values)}"


def _hidden(model: Mapping[str, Any]) -> str:
    hidden = model.get("hidden")
    if hidden is None:
        return ""
    layers = list(hidden) if isinstance(hidden, (list, tuple)) else [hidden] * _whole(model.get("depth"))
    return f"hidden {', '.join(map(str, layers))}"


def _pruning(pruning: Mapping[str, Any]) -> str:
    """By what weights are chosen, at which rate, and where the others go back to."""
    schedule = _below(pruning, "schedule")
    values = [f"{name} {schedule[name]}" for name in ("rate", "target") if schedule.get(name) is not None]
    rewind = _class(_below(pruning, "rewind"))
    chosen = _class(_below(pruning, "criterion"))
    return f"pruned by {chosen}{_aside([*values, *([f'rewind {rewind}'] if rewind else [])])}" if chosen else ""


def _class(part: Mapping[str, Any]) -> str:
    return str(part.get("_target_") or "").rpartition(".")[2].lower()


def _aside(values: list[str]) -> str:
    return f" ({', '.join(values)})" if values else ""


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 100 else 1
