"""Whether an earlier process recorded all of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from lth.files.numbers import finite
from lth.record import summary_file
from lth.record.picture import is_drawn
from lth.record.recorder import Header
from lth.record.summary import seed_summary
from lth.record.tables import epoch_table, level_table, read_epochs, read_levels
from lth.training.messages import LevelDone


def recorded(folder: Path, header: Header, finished: Sequence[LevelDone]) -> bool:
    """Whether tables and summary say what the tickets of all levels say, and every picture that is wanted is drawn."""
    rows = {(done.seed, done.level): {**done.row, "seed": done.seed, "level": done.level} for done in finished}
    curves = {(done.seed, done.level): np.asarray(done.epochs).reshape(-1, 3) for done in finished}
    ordered = [rows[key] for key in sorted(rows)]
    last = len(header.keeps) - 1
    seeds = {
        str(seed): finite(seed_summary([row for row in ordered if row["seed"] == seed], None, last, "finished"))
        for seed in header.seeds
    }
    expected = ("finished", header.config_hash, seeds, finite(header.config.get("tracking")))
    try:
        told = summary_file.read(folder / "summary.json")
        found = [read_levels(folder / "levels.parquet"), read_epochs(folder / "epochs.parquet")]
    except (OSError, ValueError):
        return False
    tables = (level_table(ordered, [task.name for task in header.tasks]), epoch_table(curves))
    pairs = zip(found, (pa.Table.from_pandas(table, preserve_index=False) for table in tables), strict=True)
    same = (told["status"], told["config_hash"], told["seeds"], told["config"].get("tracking")) == expected
    drawn = not header.pictures or all(is_drawn(folder, seed) for seed in header.seeds)
    return same and drawn and all(one.equals(two) for one, two in pairs)
