"""Tables of the confirmatory experiments as their parts promise them, made without any run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lth.collect import path_of

DATA, NETWORKS = range(100, 108), range(100, 104)
SIZES = (8, 13, 20, 31, 47, 70, 104, 154, 278, 410)
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
GRIDS: dict[str, Sequence[Mapping[str, Any]]] = {
    "main": [{"model.hidden": size} for size in SIZES],
    "depths": [{"model.depth": d, "model.hidden": h} for d, h in itertools.product((1, 2, 3), (29, 57, 104, 154))],
    "biases": [
        {"model.bias_init": init, "pruning.biases": pruned, "pruning.scope": scope}
        for init, pruned, scope in itertools.product(("zeros", "normal"), (False, True), ("global", "layerwise"))
    ],
    "budget": [{"dataset.n": n} for n in (2, 3, 4, 6)],
    "independence": [
        {"dataset.shared": "none", "dataset.share": 0.0},
        *({"dataset.shared": what, "dataset.share": s} for what in ("inputs", "labels") for s in SHARES),
    ],
    "negative": [{"dataset.control": name} for name in ("plain", "same", "alike", "rotated", "shuffled")],
    "boolean": [{"dataset.shared_inputs": n} for n in range(5)],
    "one-bit": [{"dataset.bit": name} for name in ("across", "given")],
    "backward": [
        {"pruning": name, "model.hidden": h}
        for name, h in itertools.product(("magnitude", "untrained", "untrained_random"), (29, 77, 114))
    ],
    "bridge": [{"model.hidden": h} for h in (57, 104)],
    "lenet": [{}],
    "mnist-fashion": [{}],
    "mnist1d": [{}],
}
CONTROLS = {
    "bridge": ("dense", "ticket", "before", "bridge", "within", "cut", "random_cut", "swapped", "reinit"),
    "lenet": ("reinit", "other-ticket", "other-reinit", "other-dense"),
    "mnist1d": (
        "dense",
        "ticket",
        "reinit",
        "shuffled",
        "permuted",
        "fresh-ticket",
        "fresh-reinit",
        "fresh-dense",
        "sgd-ticket",
        "sgd-reinit",
        "sgd-dense",
    ),
}
LEVELS = 22

Luck = Callable[[Mapping[str, Any], np.random.Generator], bool]


def fair(_: Mapping[str, Any], draw: np.random.Generator) -> bool:
    """Whether a run separates, by lot."""
    return bool(draw.random() < 0.5)


def store(folder: Path, experiment: str, separates: Luck = fair, started: str = "2030-01-01T00:00:00+00:00") -> None:
    """Write the tables of an experiment; `separates` says which runs do."""
    levels, null, controls, inputs = [], [], [], []
    for cell, data, seed in itertools.product(GRIDS[experiment], DATA, NETWORKS):
        name = ",".join(f"{key}={value}" for key, value in {**cell, "dataset.seed": data}.items())
        front = {"run": name, **cell, "dataset.seed": data, "seed": seed}
        draw = np.random.default_rng((data, seed, len(levels)))
        levels += _levels(front, separates(cell, draw), draw)
        null += [{**front, "level": level, "draws": 200, "random_separated": 0.001, "rewired_separated": 0.0}
                 for level in range(LEVELS)]  # fmt: skip
        controls += [_control(front, one, level, draw) for one in CONTROLS.get(experiment, ())
                     for level in ((3, 7, 9, 15, 21) if experiment == "lenet" else (6,))]  # fmt: skip
        inputs += [{**front, "level": 21, "input": place, "task": "mnist", "active_edges": place,
                    "null_active_edges": 1.0, "variance": float(place)} for place in range(2)]  # fmt: skip
    tables = {"levels": levels, "null": null, "controls": controls, "inputs": inputs}
    for table, rows in tables.items():
        if rows:
            frame = pd.DataFrame(rows)
            frame.attrs["provenance"] = {"started": started}
            frame.to_parquet(path_of(folder, experiment, table))


def _levels(front: Mapping[str, Any], separates: bool, draw: np.random.Generator) -> list[dict[str, Any]]:
    first = int(draw.integers(5, 9)) if separates else LEVELS
    size = int(front.get("model.hidden", 57))
    found = []
    for level in range(LEVELS):
        status = "separated" if level >= first else "interconnected"
        row = {**front, "state": "finished", "outcome": "separated" if separates else "interconnected", "level": level}
        weights = max(int(size * 40 * 0.68**level), 20)
        row |= {"status": status, "weights": weights, "density": 0.68**level, "cut": max(first - level, 0)}
        row |= {"active_weights": weights - 2, "inactive_weights": 1, "active_neurons": 9, "inactive_neurons": level}
        row |= {"zombie_neurons": int(draw.integers(0, 3)), "epochs": 100 + level, "best_step": 900 + 10 * level}
        row |= {"val_loss": draw.random(), "test_loss": draw.random(), "winning": bool(level)}
        row |= {f"test_accuracy{task}": 0.99 + 0.01 * draw.random() for task in ("", "_first", "_second", "_right")}
        row |= {f"decided_{way}_{layer}": level / 20 for way in ("out", "in") for layer in (1, 2, 3)}
        found.append(row)
    return found


def _control(front: Mapping[str, Any], control: str, level: int, draw: np.random.Generator) -> dict[str, Any]:
    row = {**front, "control": control, "level": level, "separated": True, "best_step": 1000}
    return row | {"test_accuracy": 0.9 + 0.01 * draw.random(), "wins_dense": bool(draw.random() < 0.5)}
