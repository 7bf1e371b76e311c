"""The head of a run folder as tests of results make it."""

from typing import Any

from tests.synthetic_run import header


def head(hidden: int, seeds: tuple[int, ...] = (0, 1), **changes: Any) -> Any:
    config = {"seed": list(seeds), "model": {"hidden": hidden, "depth": 2}, "tracking": {"tags": [str(seeds)]}}
    return header(seeds, config=config, config_hash=f"h{hidden}", **changes)
