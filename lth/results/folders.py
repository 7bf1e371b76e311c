"""Finding and reading run folders, whatever a finished, running or crashed sweep left on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from lth.files.foreign import content, yaml_of
from lth.record import summary_file
from lth.record.tables import read_levels
from lth.settings.same import canonical, text_of

THREADS = min(4, os.cpu_count() or 1)
BATCH = 200  # folders that a thread reads at a time
_MARKS = {"summary.json", "levels.parquet", ".hydra"}
_ASIDE = ("tracking", "pictures", "hydra")  # parts of a configuration that change no result
WHERE = ("trainer.workers", "trainer.accelerator")  # where it ran: never what tells configurations apart


class ResultsError(ValueError):
    """No results can be read there; the message is one line."""


@dataclass(frozen=True)
class Folder:
    """One run folder as far as it can be read; `faults` name what could not be.

    `configuration` is flat ("model.hidden" → 57) and without seeds; `seeds` are the entries of summary.json.
    """

    path: Path
    name: str
    config_hash: str | None
    configuration: Mapping[str, Any]
    seeds: Mapping[int, Mapping[str, Any]]
    faults: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells configurations apart: the hash, or the configuration itself where no summary has one."""
        return self.config_hash or text_of(self.configuration)


def scan(top: Path | str) -> list[Folder]:
    """All run folders at or below `top`, in the natural order of their paths.

    Raises ResultsError when `top` is no readable folder or holds none.
    """
    top = Path(top)
    if not top.is_dir():
        raise ResultsError(f"{top}: {'not a folder' if top.exists() else 'no such folder'}")
    try:
        paths = sorted(_walk(str(top)), key=_natural)
    except OSError as fault:
        raise ResultsError(f"{fault.filename}: cannot be read ({fault.strerror})") from None
    if not paths:
        raise ResultsError(f"{top}: no run folder here or below")
    return _filled([_read(Path(path), top) for path in paths])


def _filled(folders: list[Folder]) -> list[Folder]:
    """The folders, each with the keys that it leaves out and another one of the same configuration gives."""
    given: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for key, value in folder.configuration.items():
            given.setdefault(folder.key, {}).setdefault(key, value)
    return [replace(folder, configuration={**given.get(folder.key, {}), **folder.configuration}) for folder in folders]


def keys_of(folders: Sequence[Folder]) -> list[str]:
    """All configuration keys of these folders, in their order."""
    return list(dict.fromkeys(key for folder in folders for key in folder.configuration if key not in WHERE))


def varying(folders: Sequence[Folder]) -> list[str]:
    """The configuration keys that do not have the same value in all these folders, in their order."""
    known = [folder for folder in folders if folder.configuration]
    keys = keys_of(known)
    values = ([folder.configuration.get(key) for folder in known] for key in keys)
    return [
        key for key, found in zip(keys, values, strict=True) if len({(type(one) is bool, one) for one in found}) > 1
    ]


def levels(folders: Sequence[Folder]) -> tuple[pa.Table, list[int | str]]:
    """All levels of these folders below each other, and per folder its number of rows, or why it cannot be trusted."""
    size = min(BATCH, -(-len(folders) // THREADS))
    batches = [folders[first : first + size] for first in range(0, len(folders), size)]
    with ThreadPoolExecutor(THREADS) as pool:
        read = list(pool.map(_batch, batches))
    return _below([table for table, _ in read]), [count for _, counts in read for count in counts]


def _batch(folders: Sequence[Folder]) -> tuple[pa.Table, list[int | str]]:
    found = [_levels(folder.path / "levels.parquet") for folder in folders]
    counts = [one if isinstance(one, str) else len(one) for one in found]
    return _below([one for one in found if isinstance(one, pa.Table)]).combine_chunks(), counts


def _below(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables below each other; a column that only some have is null in the others."""
    filled = [table for table in tables if table.num_columns]
    if not filled:
        return pa.table({})
    try:
        return pa.concat_tables(filled)
    except pa.ArrowInvalid:  # other tasks, other columns: the same ten times slower
        pass
    try:
        return pa.concat_tables(filled, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a column that no version of lth has: here a number, there a text
        return pa.concat_tables([_texts(table, _differing(filled)) for table in filled], promote_options="permissive")


def _differing(tables: Sequence[pa.Table]) -> set[str]:
    """The names of the columns that have several types."""
    found = {(field.name, field.type) for table in tables for field in table.schema if not pa.types.is_null(field.type)}
    names = [name for name, _ in found]
    return {name for name in names if names.count(name) > 1}


def _texts(table: pa.Table, names: set[str]) -> pa.Table:
    fields = [field.with_type(pa.string()) if field.name in names else field for field in table.schema]
    return table.cast(pa.schema(fields))


def _levels(path: Path) -> pa.Table | str:
    try:
        return read_levels(path).replace_schema_metadata(None)
    except OSError as fault:
        return f"{path}: {fault.strerror}"
    except ValueError as fault:
        return f"{path}: {fault}"


def _walk(folder: str) -> Iterator[str]:
    """Every run folder at or below; nothing inside a run folder is looked at."""
    with os.scandir(folder) as entries:
        found = list(entries)
    if any(entry.name in _MARKS for entry in found):
        yield folder
        return
    for entry in found:
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            yield from _walk(entry.path)


def _read(path: Path, top: Path) -> Folder:
    faults: list[str] = []
    summary = _summary(path / "summary.json", faults)
    config = summary.get("config") or _yaml(path / ".hydra" / "config.yaml", faults)
    return Folder(
        path=path,
        name=path.relative_to(top).as_posix() if path != top else path.resolve().name,
        config_hash=summary.get("config_hash"),
        configuration=dict(_flat({key: value for key, value in config.items() if key not in ("seed", *_ASIDE)})),
        seeds={int(seed): entry for seed, entry in summary.get("seeds", {}).items()},
        faults=tuple(faults),
    )


def _summary(path: Path, faults: list[str]) -> Mapping[str, Any]:
    try:
        return summary_file.read(path)
    except FileNotFoundError:
        faults.append(f"{path}: missing")
    except (OSError, ValueError) as fault:
        faults.append(f"{path}: {fault}")
    return {}


def _yaml(path: Path, faults: list[str]) -> Mapping[str, Any]:
    try:
        found = yaml_of(content(path))
    except OSError as fault:
        faults.append(f"{path}: {fault.strerror}")
    except ValueError as fault:
        faults.append(f"{path}: {fault}")
    else:
        if isinstance(found, Mapping):
            return found
        faults.append(f"{path}: not a configuration")
    return {}


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            plain = value is None or isinstance(value, (bool, float, str))
            plain = plain or (isinstance(value, int) and abs(value) < 2**63)  # what columns of tables hold
            yield f"{prefix}{key}", value if plain else str(canonical(value))


def _natural(path: str) -> list[tuple[int, int, str]]:
    """Numbers in names by value: 2 before 10."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in Path(path).parts]
