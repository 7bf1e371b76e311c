"""Collected tables as small as a claim's test needs them."""

from pathlib import Path

import pandas as pd
import pytest
from claimed import Shelved

from lth.collect import Shelf


@pytest.fixture
def shelved(tmp_path: Path) -> Shelved:
    """A shelf of `extension=frame` or `extension__null=frame`; dashes of an experiment's name as underscores."""

    def build(**tables: pd.DataFrame) -> Shelf:
        for name, frame in tables.items():
            experiment, _, table = name.partition("__")
            frame.to_parquet(tmp_path / f"{experiment.replace('_', '-')}.{table or 'levels'}.parquet")
        return Shelf(tmp_path)

    return build
