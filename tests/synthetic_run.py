"""A run folder without any training: rows, curves and tickets made from a generator, recorded as a stack's are."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lth.data.dataset import Task
from lth.record.recorder import Header, Recorder
from lth.ticket import file
from lth.ticket.columns import METRICS
from lth.tracking.tracker import Tracking, drain
from lth.training.messages import Drawn, LevelDone, Warned

TASKS = (Task("moons", (0, 1), (0,), "binary"), Task("circles", (2, 3), (1,), "binary"))
SHAPE = (4, 5, 5, 2)
KEEPS = (55, 37, 25, 17)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
STATUSES = ("interconnected", "interconnected", "separated", "degraded")


def header(seeds: Sequence[int] = (0, 1), mode: Any = "off", **changes: Any) -> Header:
    config = {"seed": list(seeds), "model": {"hidden": 5, "depth": 2}, "tracking": {"mode": mode}}
    known = Header(config, "hash", tuple(seeds), TASKS, SHAPE, KEEPS, "cpu", tracking=Tracking(mode=mode))
    return replace(known, **changes)


def row(seed: int, level: int, status: str | None = None) -> dict[str, Any]:
    """A row of levels.parquet with numpy scalars, None and not-a-number among its values, as training gives them."""
    draw = np.random.default_rng((seed, level))
    status = status or STATUSES[level]
    counts = "prunable unprunable weights biases active_weights inactive_weights zombie_weights pruned_weights"
    others = "active_neurons inactive_neurons zombie_neurons active_inputs active_outputs zombie_biases audible_zombies"
    made: dict[str, Any] = {"seed": seed, "level": level, "keep": KEEPS[level], "rate": 0.32, "density": 0.5**level}
    made |= {"epochs": np.int64(3 + level)}
    made |= {f"{metric}{task}": np.float32(draw.random()) for task in ("", "_moons", "_circles") for metric in METRICS}
    made |= {name: int(draw.integers(1, 50)) for name in (counts + " " + others).split()}
    made |= {"zombie_bias_mean": float("nan"), "components": 1 + (level > 1), "status": status}
    made |= {"partition": "moons|circles" if level > 1 else "moons+circles", "splits_remaining": int(level < 2)}
    made |= {"cut": None if level == 0 else 3, "cut_magnitude": None if level == 0 else 0.25}
    made |= {f"decided_{way}_{layer}": draw.random() for layer in (1, 2) for way in ("out", "in")}
    return made | {
        "winning": None if level == 0 else np.bool_(True),
        "min_kept_magnitude": 0.01 * level,
        "anchor_step": 0,
        "spent_epochs": 7 * (level + 1),
        "spent_macs": 1000 * (level + 1),
        "inference_macs": 100,
        "best_step": 16,
    }


def finish_level(
    folder: Path, seed: int, level: int, status: str | None = None, ticket: bool = True, config_hash: str = "hash"
) -> LevelDone:
    """What training does: the ticket's file first, then the message."""
    epochs = np.random.default_rng((seed, level, 1)).random((3 + level, 3))
    done = LevelDone(seed, level, row(seed, level, status), epochs)
    if ticket:
        file.save(file.path_of(folder, seed, level), _ticket(done, config_hash))
    return done


def record_run(folder: Path, head: Header, status: Any = "finished", ticket: bool = True, **options: Any) -> Recorder:
    """Record a whole stack, W&B's part included."""
    recorder = Recorder(folder, head, **options)
    for level in range(len(KEEPS)):
        for seed in head.seeds:
            recorder.level(finish_level(folder, seed, level, ticket=ticket, config_hash=head.config_hash))
    for picture in recorder.over(status) if status != "stopped" else ():
        recorder.drawn(Drawn(picture.seed, picture.level, PIXEL))
    recorder.close(status)
    for text in drain():
        options.get("warn", lambda _: None)(Warned(text))
    return recorder


def _ticket(done: LevelDone, config_hash: str) -> file.Ticket:
    draw = np.random.default_rng((done.seed, 2))
    sizes = list(zip(SHAPE[1:], SHAPE[:-1], strict=True))
    masks = tuple(draw.random(size) < 0.7**done.level for size in sizes)
    anchors = tuple(draw.normal(size=size).astype(np.float32) for size in sizes)
    biases = tuple(np.zeros(size[0], np.float32) for size in sizes)
    weights = tuple(mask * (anchor + np.float32(done.level)) for mask, anchor in zip(masks, anchors, strict=True))
    place = {"seed": done.seed, "level": done.level, "tasks": TASKS, "config_hash": config_hash, "row": done.row}
    return file.Ticket(masks, weights, biases, anchors, biases, None, **place, epochs=done.epochs)
