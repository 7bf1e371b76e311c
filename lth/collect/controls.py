"""controls: what the controls of a seed's ticket reached, as `python -m lth.controls` left it in the run folders."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lth.collect.sweep import Sweep

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
            found = pq.ParquetFile(path).read().to_pandas()
            found = found.drop(columns=[name for name in front[:-1] if name in found])
        except (OSError, pa.ArrowException) as fault:
            faults.append(f"{folder.name}/{FILE}: {str(fault).splitlines()[0]}")
            continue
        for place, name in enumerate(front[:-1]):
            found.insert(place, name, folder.name if name == "run" else folder.configuration.get(name))
        parts.append(found[front + [name for name in found if name not in front]])
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in front})
    table.attrs["faults"] = faults
    return table
