"""Tables as they are collected from a finished experiment, made from a generator: no run, no training."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

GRIDS: dict[str, Mapping[str, Sequence[Any]]] = {
    "extension": {"model.hidden": [8, 10, 13, 16]},
    "extension-1": {"model.hidden": [20, 29, 43]},
    "extension-3": {"model.hidden": [6, 8, 10]},
    "fixed-levels": {"model.hidden": [10, 13, 16, 20]},
    "levels": {"pruning.schedule.levels": [1, 2, 3, 5]},
    "levels-vs-size": {"model.hidden": [31, 48], "pruning.schedule.levels": [1, 3, 5]},
    "how": {"model.hidden": [29, 77]},
    "backward": {"pruning": ["magnitude", "untrained", "untrained_random"], "model.hidden": [29, 77],
                 "dataset.seed": [100, 101]},
    "bridge": {"model.hidden": [57], "dataset.seed": [100, 101, 102]},
    "tasks": {"model.hidden": [57], "dataset.n": [2, 4]},
    "tasks-unequal": {"model.hidden": [57, 154]},
    "noise-inputs": {"model.hidden": [57, 154], "dataset.noise_inputs": [2, 8]},
    "lottery": {"model.hidden": [57, 154]},
    "zombies": {"model.bias_init": ["zeros", "normal"], "pruning.biases": [False, True],
                "optimizer.weight_decay": [0.0, 1.0]},
    "weights": {"model.hidden": [57, 154]},
    "regression": {"dataset": ["symbolic_pair", "polynomial_pair"], "model.hidden": [57]},
    "noise-free": {"model.hidden": [57, 154], "dataset.noise": [0.0, 0.1, 0.3]},
    "digits-pair": {},
    "mnist": {},
    "fashion": {},
    "mnist-fashion": {},
    "lenet": {},
    "mnist1d": {"dataset.seed": [100, 101]},
    "null-models": {"pruning.criterion._target_": ["lth.method.criterion.Magnitude", "lth.method.criterion.Random"]},
    "main": {"model.hidden": [8, 10, 13, 16], "dataset.seed": [100, 101]},
    "depths": {"model.depth": [1, 2], "model.hidden": [29, 57], "dataset.seed": [100, 101]},
    "biases": {"model.bias_init": ["zeros", "normal"], "pruning.biases": [False, True],
               "pruning.scope": ["global", "layerwise"], "dataset.seed": [100, 101]},
    "independence": {"dataset.shared": ["none", "inputs", "labels"], "dataset.share": [0.0, 0.4, 1.0],
                     "dataset.seed": [100, 101]},
    "negative": {"dataset.control": ["plain", "same", "alike", "rotated", "shuffled"], "dataset.seed": [100, 101]},
    "boolean": {"dataset.shared_inputs": [0, 1, 4], "dataset.seed": [100, 101, 102]},
    "one-bit": {"dataset.bit": ["across", "given"], "dataset.seed": [100, 101]},
    "budget": {"dataset.n": [2, 4], "dataset.seed": [100, 101]},
}  # fmt: skip
TASKS = {
    "tasks": ["moons_0", "moons_1", "moons_2", "moons_3"],
    "tasks-unequal": ["moons", "circles", "digits"],
    "regression": ["first", "second"],
    "boolean": ["first", "second"],
    "one-bit": ["left", "right"],
    "budget": ["moons1", "moons2", "moons3", "moons4"],
    "digits-pair": ["digits", "turned"],
    "mnist": ["mnist"],
    "fashion": ["fashion"],
    "mnist-fashion": ["mnist", "fashion"],
    "lenet": ["mnist"],
    "mnist1d": ["digits"],
}
LEVELS = 6
CONTROLS = {
    "bridge": ("ticket", "reinit", "dense", "before", "bridge", "within", "cut", "random_cut", "swapped"),
    "lenet": ("dense", "reinit"),
    "mnist1d": ("dense", "ticket", "reinit", "shuffled", "permuted", "fresh-ticket", "fresh-reinit", "fresh-dense"),
}


def make(experiment: str, seeds: int = 5) -> dict[str, pd.DataFrame]:
    """All tables of an experiment: every configuration of its grid with `seeds` seeds."""
    keys = list(GRIDS[experiment])
    runs = [dict(zip(keys, values, strict=True)) for values in itertools.product(*GRIDS[experiment].values())]
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("levels", "null", "inputs", "neurons", "weights", "controls", "courses")
    }
    for number, keyed in enumerate(runs):
        for seed in range(seeds):
            front = {"run": f"run {number}", **keyed, "seed": seed}
            draw = np.random.default_rng((number, seed))
            _seed(rows, front, draw, experiment, number + seed)
    tables = {name: pd.DataFrame(found) for name, found in rows.items()}
    for table in tables.values():
        table.attrs |= {"keys": keys, "faults": [], "excluded": []}
    return tables


def _seed(rows: dict[str, list], front: dict[str, Any], draw: np.random.Generator, experiment: str, luck: int) -> None:
    tasks = TASKS.get(experiment, ["moons", "circles"])
    last = int(front.get("pruning.schedule.levels", LEVELS))
    first = last - 1 if luck % 3 else last + 1  # level of separation, or none
    outcome = "interconnected" if first > last else ("separated-degraded" if luck % 3 == 2 else "separated")
    size = int(front.get("model.hidden", 40)) * 20
    for level in range(last + 1):
        keep = max(int(size * 0.7**level), 4)
        status = "interconnected" if level < first else "separated"
        status = "degraded" if outcome == "separated-degraded" and level == last else status
        row = {**front, "state": "finished", "outcome": outcome, "level": level, "keep": keep, "weights": keep}
        row |= {"rate": 0.3, "density": keep / size, "epochs": int(draw.integers(50, 300)), "status": status}
        inactive, zombie = int(keep * 0.05 * level), int(draw.integers(0, 3))
        row |= {"inactive_weights": inactive, "zombie_weights": zombie, "active_weights": keep - inactive - zombie}
        row |= {"active_neurons": 9, "inactive_neurons": level * (level < 4), "zombie_neurons": zombie}
        row |= {name: draw.uniform(0.001, 0.3) for name in ("train_loss", "val_loss", "test_loss")}
        row |= {name: draw.uniform(0.8, 1) for name in ("val_accuracy", "test_accuracy")}
        row |= {f"test_accuracy_{task}": draw.uniform(0.8, 1) - 0.05 * level for task in tasks}
        row |= {f"val_accuracy_{task}": draw.uniform(0.8, 1) - 0.05 * level for task in tasks}
        row |= {f"decided_{side}_{layer}": min(level / 5, 1) for side in ("out", "in") for layer in (1, 2, 3)}
        row |= {"partition": _partition(tasks, level, first), "splits_remaining": max(first - level, 0)}
        row |= {"cut": max(first - level, 0) ** 2, "cut_magnitude": 0.5 * max(first - level, 0)}
        row |= {"best_step": int(draw.integers(100, 9000)), "winning": bool(level and draw.random() < 0.4)}
        row |= {"min_kept_magnitude": 0.1 * level if level else None}
        rows["levels"].append(row)
        rows["null"].append({**front, "level": level, "draws": 50, **_chances(draw)})
        rows["inputs"] += _inputs(front, level, tasks, draw)
        rows["courses"].append({**front, "level": level, **_course(level, draw)})
    rows["neurons"] += [_neuron(front, number, last, draw) for number in range(12)]
    rows["weights"] += _weights(front, last, draw)
    made = CONTROLS.get(experiment, ("ticket", "reinit", "shuffled", "continued", "dense"))
    rows["controls"] += [_control(front, min(first, last), first <= last, control, draw) for control in made]


def _course(level: int, draw: np.random.Generator) -> dict[str, Any]:
    found: dict[str, Any] = {name: int(draw.integers(5, 50)) for name in ("epochs_best", "epochs_dense", "epochs_99")}
    wins = ("wins_best", "wins_dense", "wins_99")
    return found | {name: bool(draw.random() < 0.5) if level else None for name in wins}


def _partition(tasks: Sequence[str], level: int, first: int) -> str:
    parted = min(max(level - first + len(tasks) - 1, 0), len(tasks) - 1)
    return "|".join([*tasks[:parted], "+".join(tasks[parted:])])


def _chances(draw: np.random.Generator) -> dict[str, float]:
    words = ("separated", "degraded", "interconnected", "fragmented")
    return {f"{kind}_{word}": draw.uniform(0, 0.05) for kind in ("random", "rewired") for word in words}


def _inputs(front: Mapping[str, Any], level: int, tasks: Sequence[str], draw: np.random.Generator) -> list[dict]:
    each = 64 if "digits" in tasks else 2
    names = [task for task in tasks for _ in range(each)] + ["noise"] * int(front.get("dataset.noise_inputs", 0))
    found = []
    for index, task in enumerate(names):
        edges = int(draw.integers(0, 20)) // (1 + level * (2 if task == "noise" else 1))
        found.append({**front, "level": level, "input": index, "task": task, "edges": edges})
        found[-1] |= {"active_edges": max(edges - 1, 0), "null_active_edges": 9 / (1 + level)}
    return found


def _neuron(front: Mapping[str, Any], number: int, last: int, draw: np.random.Generator) -> dict[str, Any]:
    born = int(draw.integers(0, last))
    died = int(draw.integers(born + 1, last + 2))
    row = {**front, "layer": 1 + number % 2, "neuron": number, "spell": 0, "born": born, "last_level": last}
    row |= {"state": "zombie" if number % 2 else "inactive", "bias": float(draw.normal())}
    return row | {"died": died if died <= last else None, "next_state": "inactive" if died <= last else None}


def _weights(front: Mapping[str, Any], last: int, draw: np.random.Generator) -> list[dict]:
    found = []
    for number in range(8):
        anchor = float(draw.normal())
        for level in range(last + 1):
            row = {**front, "layer": number % 3, "start": number, "end": number, "level": level, "anchor": anchor}
            found.append(row | {"trained": anchor * 2 + float(draw.normal()) * 0.3})
    return found


def _control(front: Mapping[str, Any], level: int, separated: bool, control: str, draw: np.random.Generator) -> dict:
    row = {**front, "level": 0 if control == "dense" else level, "control": control, "separated": separated}
    row |= {"epochs": int(draw.integers(50, 300)), "val_loss": 0.1, "test_loss": 0.1}
    joined = control in ("before", "bridge", "random_cut")
    row |= {"status": "interconnected" if joined else "separated", "reproduced": True if control == "ticket" else None}
    row |= {name: int(draw.integers(5, 50)) for name in ("best_step", "epochs_best", "epochs_dense", "epochs_99")}
    row |= {name: bool(draw.random() < 0.5) for name in ("winning", "wins_best", "wins_dense", "wins_99")}
    return row | {"val_accuracy": draw.uniform(0.8, 1), "test_accuracy": draw.uniform(0.8, 1)}
