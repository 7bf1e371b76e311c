"""Run folders with tickets, made without any training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.synthetic_run import header, record_run

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Records one whole stack below a folder of tmp_path: its size, seeds, and what else its configuration says."""

    def made(top: str, hidden: Any, seeds: Sequence[int] = (0, 1), choices: Any = None, **config: Any) -> Path:
        config = {"seed": list(seeds), "model": {"hidden": hidden, "depth": 2}, **config}
        name = ",".join(f"{key}={value}" for key, value in {"model.hidden": hidden, **(choices or {})}.items())
        folder = tmp_path / top / name.replace("/", ".")
        head = header(tuple(seeds), config=config, config_hash="hash")
        if choices:
            (folder / ".hydra").mkdir(parents=True)
            content = {"hydra": {"runtime": {"choices": choices}}}
            (folder / ".hydra" / "hydra.yaml").write_text(yaml.safe_dump(content))
        record_run(folder, head)
        return folder

    return made
