"""controls: what the controls of a seed's ticket reached, as `python -m lth.controls` left it in the run folders."""

from __future__ import annotations

import pandas as pd

from lth.collect.sweep import Sweep, fronted
from lth.controls.table import NAME, check_types
from lth.files.foreign import content
from lth.record.parquet import frame
from lth.results.folders import Folder


def build(sweep: Sweep, **_: object) -> pd.DataFrame:
    """The table; run folders without controls are left out, and none are made here."""
    fronts, parts, faults = [], [], []
    for folder in sweep.folders:
        try:
            parts.append(_read(folder))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as fault:
            faults.append(f"{folder.name}/{NAME}: {fault}")
            continue
        fronts.append({"run": folder.name, **{key: folder.configuration.get(key) for key in sweep.keys}})
    table = fronted(fronts, parts, ["run", *sweep.keys])
    seeds = table.pop("seed") if len(table) else []
    table.insert(1 + len(sweep.keys), "seed", seeds)
    table.attrs["faults"] = faults
    return table


def _read(folder: Folder) -> pd.DataFrame:
    table = frame(content(folder.path / NAME))
    if table.attrs.pop("config_hash", folder.config_hash) != folder.config_hash:
        raise ValueError("of another configuration")
    return check_types(table)
