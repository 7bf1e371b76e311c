"""The run folders of one experiment, from one folder or several, before any table is made of them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lth.collect.experiments import CollectError, Experiment
from lth.files.foreign import content, yaml_of
from lth.record import summary_file
from lth.results.folders import Folder, ResultsError, scan
from lth.settings.same import text_of

_EXPERIMENT = re.compile(r"^- '?\+{0,2}experiment=([\w-]+)'?$", re.MULTILINE)
_NO_RESULT = ("trainer.workers", "trainer.accelerator")  # keys that say where, not what


@dataclass(frozen=True)
class Sweep:
    """Run folders whose configurations have these keys; `faults` and `excluded` name what is missing, one line each."""

    experiment: Experiment
    folders: tuple[Folder, ...]
    keys: tuple[str, ...]
    faults: tuple[str, ...]
    excluded: tuple[str, ...]
    tops: tuple[Path, ...]

    def attrs(self, table: str) -> dict[str, Any]:
        """What a table says about where it comes from; nothing of the machine it was made on."""
        return {
            "experiment": self.experiment.name,
            "table": table,
            "keys": list(self.keys),
            "faults": list(self.faults),
            "excluded": list(self.excluded),
            "provenance": {"command": self.experiment.command, **_provenance(self.folders)},
        }


def gather(tops: Sequence[Path], experiment: Experiment) -> Sweep:
    """All run folders below these folders as one sweep.

    Raises CollectError when there are none, or when two of them hold the same seed of the same configuration.
    """
    try:
        found = [folder for top in tops for folder in scan(top)]
    except ResultsError as fault:
        raise CollectError(str(fault)) from None
    _refuse_others(found, experiment)
    folders = tuple(_typed(folder, experiment.keys) for folder in found)
    keys = tuple(experiment.keys) + tuple(_others(folders, experiment.keys))
    _refuse_doubles(folders, keys)
    folders = tuple(sorted(folders, key=lambda folder: _place(folder, keys)))
    if len(tops) > 1 and _ambiguous(folders):
        folders = tuple(replace(folder, name=f"{_top(folder, tops).name}/{folder.name}") for folder in folders)
    faults = tuple(local(fault, tops) for folder in folders for fault in folder.faults)
    return Sweep(experiment, folders, keys, faults, tuple(_excluded(folders)), tuple(tops))


def local(fault: str, tops: Sequence[Path]) -> str:
    """A fault without the path of the folder that was collected."""
    for top in tops:
        fault = fault.replace(f"{top}/", "")
    return fault


def fronted(fronts: Sequence[Mapping[str, Any]], frames: Sequence[pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    """Frames below each other, each with the values of its front in every row, in columns of these names."""
    lengths = [len(frame) for frame in frames]
    filled = [frame for frame in frames if len(frame)]
    front = pd.DataFrame(list(fronts), columns=list(names))
    front = front.loc[np.repeat(np.arange(len(fronts)), lengths)].reset_index(drop=True)
    return pd.concat([front, pd.concat(filled, ignore_index=True)], axis=1) if filled else front


def _typed(folder: Folder, keys: Sequence[str]) -> Folder:
    """The folder with the keys of the grid as they are typed: those of groups hold the name of the choice."""
    groups = [key for key in keys if key not in folder.configuration]
    if not groups or not folder.configuration:
        return folder
    choices = _choices(folder.path / ".hydra" / "hydra.yaml")
    named = {key: choices.get(key, folder.configuration.get(f"{key.replace('/', '.')}._target_")) for key in groups}
    return replace(folder, configuration={**folder.configuration, **named})


def _place(folder: Folder, keys: Sequence[str]) -> tuple[Any, ...]:
    """Where a folder stands among others whatever order they were named in: numbers before text, the unknown last."""
    values = [folder.configuration.get(key) for key in keys]
    return [(value is None, isinstance(value, str), value) for value in values], folder.name, sorted(folder.seeds)


def _choices(path: Path) -> Mapping[str, Any]:
    try:
        choices = yaml_of(content(path))["hydra"]["runtime"]["choices"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return {str(group): str(choice) for group, choice in choices.items()} if isinstance(choices, Mapping) else {}


def _others(folders: Sequence[Folder], keys: Sequence[str]) -> Iterator[str]:
    """Keys outside the grid that vary all the same; not those that a group of the grid decides."""
    groups = tuple(f"{key.replace('/', '.')}." for key in keys)
    for key in dict.fromkeys(key for folder in folders for key in folder.configuration):
        if key in keys or key in _NO_RESULT:
            continue
        deciding = [group for group, prefix in zip(keys, groups, strict=True) if key.startswith(prefix)]
        seen: dict[str, set[str]] = {}
        for folder in folders:
            if key in folder.configuration:  # a key that an earlier version did not have is no other value of it
                choice = text_of([folder.configuration.get(group) for group in deciding])
                seen.setdefault(choice, set()).add(text_of(folder.configuration[key]))
        if any(len(values) > 1 for values in seen.values()):
            yield key


def _refuse_others(folders: Sequence[Folder], experiment: Experiment) -> None:
    """Runs that were started as another experiment have another grid; those of no experiment may be of this one."""
    for folder in folders:
        name = _started_as(folder.path / ".hydra" / "overrides.yaml")
        if name not in (None, experiment.name):
            raise CollectError(f"{folder.path}: was started as experiment={name}, not {experiment.name}")


def _started_as(path: Path) -> str | None:
    try:
        said = _EXPERIMENT.search(content(path).decode())
    except (OSError, ValueError):
        return None
    return said[1] if said else None


def _refuse_doubles(folders: Sequence[Folder], keys: Sequence[str]) -> None:
    owners: dict[tuple[str, int], Folder] = {}
    for folder in folders:
        values = text_of([folder.configuration.get(key) for key in keys])
        for seed in folder.seeds:
            other = owners.setdefault((values, seed), folder)
            if other is not folder:
                raise CollectError(f"{folder.path}: seed {seed} of the same configuration is in {other.path} too")


def _ambiguous(folders: Sequence[Folder]) -> bool:
    """Whether a run folder's name and a seed do not tell which run is meant."""
    named = [(folder.name, seed) for folder in folders for seed in folder.seeds or [None]]
    return len(set(named)) < len(named)


def _top(folder: Folder, tops: Sequence[Path]) -> Path:
    return next(top for top in tops if folder.path.is_relative_to(top)).resolve()


def _excluded(folders: Sequence[Folder]) -> Iterator[str]:
    for folder in folders:
        if not folder.seeds:
            yield f"{folder.name}: unfinished"
        for seed, entry in folder.seeds.items():
            state, failure = entry.get("state"), entry.get("failure")
            if failure:
                why = "level {level}, epoch {epoch}: {reason}".format_map(failure)
                yield f"{folder.name} seed {seed}: failed ({why})"
            elif state != "finished":
                word = "failed" if state == "failed" else "unfinished"
                yield f"{folder.name} seed {seed}: {word}, levels done: {entry.get('levels', 0)}"


def _provenance(folders: Sequence[Folder]) -> dict[str, Any]:
    summaries = [_summary(folder.path / "summary.json") for folder in folders]
    versions: dict[str, set[str]] = {}
    for summary in summaries:
        for name, version in (summary.get("versions") or {}).items():
            versions.setdefault(name, set()).add(str(version))
    return {
        "started": _first([summary.get("started") for summary in summaries]),
        "stacks": len(folders),
        "runs": sum(len(folder.seeds) for folder in folders),
        "wall_seconds": round(sum(summary.get("wall_seconds") or 0.0 for summary in summaries), 1),
        "device": ", ".join(sorted({str(summary["device"]) for summary in summaries if summary.get("device")})),
        "versions": {name: sorted(found) for name, found in sorted(versions.items())},
    }


def _first(moments: Sequence[str | None]) -> str | None:
    """The earliest of these moments, those that can be read; the others say nothing."""
    found = []
    for moment in filter(None, moments):
        with contextlib.suppress(ValueError):
            found.append(datetime.fromisoformat(moment))
    aware = [one if one.tzinfo else one.replace(tzinfo=UTC) for one in found]
    return min(aware).astimezone(UTC).isoformat(timespec="seconds") if aware else None


def _summary(path: Path) -> Mapping[str, Any]:
    try:
        return summary_file.read(path)
    except (OSError, ValueError):  # named among the faults already
        return {}
