"""controls: what the controls of a seed's ticket reached, as `python -m lth.controls` left it in the run folders."""

from __future__ import annotations

import pandas as pd

from lth.collect.sweep import Sweep
from lth.parquet import unpack

FILE = "controls.parquet"


def build(sweep: Sweep, **_: object) -> pd.DataFrame:
    """The table; run folders without controls are left out, and none are made here."""
    front = ["run", *sweep.keys, "seed"]
    parts, faults = [], []
    for folder in sweep.folders:
        path = folder.path / FILE
        if not path.is_file():
            continue
        try:
            found = unpack(path.read_bytes()).to_pandas()
        except (OSError, ValueError) as fault:
            faults.append(f"{folder.name}/{FILE}: {fault}")
            continue
        if found.attrs.pop("config_hash", folder.config_hash) != folder.config_hash:
            faults.append(f"{folder.name}/{FILE}: controls of another configuration")
            continue
        for place, name in enumerate(front[:-1]):
            found.insert(place, name, folder.name if name == "run" else folder.configuration.get(name))
        parts.append(found[front + [name for name in found if name not in front]])
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in front})
    table.attrs["faults"] = faults
    return table
