"""A run folder without any training: nested tickets from a generator, their rows from their own structure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from lth.data.dataset import Task
from lth.files import checked_json
from lth.files.numbers import finite
from lth.record.parquet import pack
from lth.record.tables import level_table
from lth.ticket import Ticket, analyse, path_of, save
from lth.ticket.columns import METRICS
from lth.ticket.outcome import outcome

TWO = (Task("moons", (0, 1), (0,), "binary"), Task("circles", (2, 3), (1,), "binary"))
SHAPE = (4, 12, 12, 2)
KEEPS = (216, 130, 80, 48, 30, 20)


def tickets(
    seed: int, shape: Sequence[int] = SHAPE, keeps: Sequence[int] = KEEPS, tasks: Sequence[Task] = TWO
) -> list[Ticket]:
    """The chain of one seed: each level keeps the largest weights of the one before and has new values."""
    draw = np.random.default_rng(seed)
    sizes = [(out, fan_in) for fan_in, out in pairwise(shape)]
    rank = np.argsort(np.argsort(draw.random(sum(out * fan_in for out, fan_in in sizes))))
    ends = np.cumsum([out * fan_in for out, fan_in in sizes])[:-1]
    made = []
    for level, keep in enumerate(keeps):
        flat = np.split(rank >= len(rank) - keep, ends)
        masks = tuple(part.reshape(size) for part, size in zip(flat, sizes, strict=True))
        weights = tuple((draw.normal(size=mask.shape) * mask).astype(np.float32) for mask in masks)
        biases = tuple(draw.normal(size=len(mask)).astype(np.float32) for mask in masks)
        row = {"seed": seed, "level": level, "keep": keep, "weights": keep, "epochs": 10 + level}
        row |= {f"{metric}{task}": float(draw.random()) for task in _suffixes(tasks) for metric in METRICS}
        row |= analyse(masks, tasks, weights, biases).columns()
        made.append(
            Ticket(
                masks, weights, biases, weights, biases, None, seed, level, tuple(tasks), "hash", row, np.zeros((2, 3))
            )
        )
    return made


def write_run(folder: Path, chains: Sequence[Sequence[Ticket]], config: dict[str, Any] | None = None) -> Path:
    """Write what a finished run leaves: a summary, levels.parquet, the tickets and the overrides."""
    config = {"model": {"hidden": 12}} if config is None else config
    name = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:16]
    chains = [[replace(ticket, config_hash=name) for ticket in chain] for chain in chains]
    for ticket in (ticket for chain in chains for ticket in chain):
        save(path_of(folder, ticket.seed, ticket.level), ticket)
    seeds = {str(chain[0].seed): _entry(chain) for chain in chains}
    (folder / "summary.json").write_bytes(
        checked_json.pack({
            "status": "finished", "id": "0123456789ab", "config_hash": name, "seeds": seeds, "device": "cpu",
            "versions": {}, "started": "2026-01-01T00:00:00+00:00", "wall_seconds": 1.0, "trained_by": "kernel 1",
            "config": config,
        })
    )  # fmt: skip
    rows = [finite(ticket.row) for chain in chains for ticket in chain]
    (folder / "levels.parquet").write_bytes(pack(level_table(rows, [task.name for task in chains[0][0].tasks])))
    (folder / ".hydra").mkdir()
    (folder / ".hydra" / "overrides.yaml").write_text("- seed=0..1\n- model.hidden=12\n")
    return folder


def _entry(chain: Sequence[Ticket]) -> dict[str, Any]:
    found = outcome([ticket.row["status"] for ticket in chain])
    separation = found.first_separation
    size = None if separation is None else chain[separation].row["active_weights"]
    entry = {"state": "finished", "outcome": found.word, "levels": len(chain), "first_separation": separation}
    entry["failure"] = None
    return entry | {"first_degradation": found.first_degradation, "active_weights_at_separation": size}


def _suffixes(tasks: Sequence[Task]) -> list[str]:
    return ["", *(f"_{task.name}" for task in tasks)]
