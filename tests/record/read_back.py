"""What a run folder says of itself, as tests of the recorder read it."""

import json
from pathlib import Path
from typing import Any

import pytest

NAMES = ("summary.json", "levels.parquet", "epochs.parquet")


def summary(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "summary.json").read_text(), parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
