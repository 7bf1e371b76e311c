"""A ticket as the bytes of its file and back: both ways nothing but a whole and consistent one."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from itertools import pairwise
from json import dumps
from typing import Any, TypeGuard

import numpy as np

from lth.data.dataset import Task
from lth.files.foreign import json_of, line
from lth.files.seal import seal, unseal
from lth.ticket.columns import level_columns
from lth.ticket.contents import Ticket
from lth.ticket.structure import check_tasks

_PARTS = {"mask": "masks", "weight": "weights", "bias": "biases", "anchor": "anchors", "anchor_bias": "anchor_biases"}
_BIAS_MASKS = {"bias_mask": "bias_masks"}
STATE = "state."
_HASH = re.compile(r"[0-9A-Za-z_]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,19}")


def to_bytes(ticket: Ticket) -> bytes:
    """The ticket as a file. Raises ValueError when its arrays do not fit each other, TypeError for what is not data."""
    parts = _PARTS | (_BIAS_MASKS if ticket.bias_masks is not None else {})
    lengths = {field: len(getattr(ticket, field)) for field in parts.values()}
    if len(set(lengths.values())) != 1 or not ticket.masks:
        raise ValueError(f"a ticket needs every part for each of its layers, not {lengths}")
    tensors = {
        f"layer{n}.{part}": array for part, field in parts.items() for n, array in enumerate(getattr(ticket, field))
    }
    tensors["epochs"] = np.asarray(ticket.epochs, dtype=np.float64)
    tensors |= {f"{STATE}{name}": np.atleast_1d(value) for name, value in ticket.state.items()}
    _check_tensors(tensors, ticket.shape)
    metadata = {
        "shape": dumps(ticket.shape),
        "seed": str(int(ticket.seed)),
        "level": str(int(ticket.level)),
        "tasks": dumps([asdict(task) for task in ticket.tasks], default=_plain),
        "config_hash": ticket.config_hash,
        "row": dumps(ticket.row, default=_plain),
    }
    return seal(tensors, metadata)


def from_bytes(content: bytes) -> Ticket:
    """The ticket of a file; its arrays are writable copies. Raises ValueError for anything else, LookupError too."""
    tensors, metadata = unseal(content)
    shape = json_of(metadata["shape"])
    if not _are_whole(shape, 1) or len(shape) < 2:
        raise ValueError(f"shape {line(shape)} is not that of a network")
    layers = _layers(tensors, tuple(shape))
    ticket = Ticket(
        **layers,
        seed=_number("seed", metadata["seed"]),
        level=_number("level", metadata["level"]),
        tasks=_tasks(json_of(metadata["tasks"])),
        config_hash=metadata["config_hash"],
        row=json_of(metadata["row"], infinite=True),
        epochs=tensors["epochs"],
        state={name.removeprefix(STATE): array for name, array in tensors.items() if name.startswith(STATE)},
    )
    if not _HASH.fullmatch(ticket.config_hash):
        raise ValueError("config_hash is not that of a configuration")
    check_tasks(ticket.masks, ticket.tasks)
    _check_row(ticket.row, [task.name for task in ticket.tasks])
    return ticket


def _layers(tensors: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> dict[str, Any]:
    """The arrays of every layer, by their names in a Ticket."""
    biased = "layer0.bias_mask" in tensors
    parts = _PARTS | (_BIAS_MASKS if biased else {})
    wanted = {"epochs", *(f"layer{n}.{part}" for n in range(min(len(shape) - 1, len(tensors))) for part in parts)}
    if unknown := {name for name in tensors if not name.startswith(STATE)} - wanted:
        raise ValueError(f"has a tensor {line(min(unknown))}, which no ticket of its shape has")
    layers = {field: tuple(tensors[f"layer{n}.{part}"] for n in range(len(shape) - 1)) for part, field in parts.items()}
    _check_tensors(tensors, shape)
    return {"bias_masks": None, **layers}


def _check_tensors(tensors: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> None:
    """Raise ValueError unless every tensor has the shape and the type that the network's shape asks for, finite."""
    weights = str(tensors["layer0.weight"].dtype)
    own = {name: array for name, array in tensors.items() if name.startswith(STATE)}
    _check_state(own, shape)
    tensors = {name: array for name, array in tensors.items() if name not in own}
    for name, array in tensors.items():
        layer, _, part = name.removeprefix("layer").partition(".")
        kind = "bool" if part in ("mask", "bias_mask") else weights if weights in ("float32", "float64") else "float32"
        expected: tuple[int, ...] = (len(array) if array.ndim else 0, 3)
        if name == "epochs":
            kind = "float64"
        else:
            out, fan_in = shape[int(layer) + 1], shape[int(layer)]
            expected = (out,) if "bias" in part else (out, fan_in)
        if array.shape != expected or str(array.dtype) != kind:
            raise ValueError(f"{name} is {array.shape} {array.dtype}, not {expected} {kind}")
    for name, array in tensors.items():  # once every type is known to be right
        if name != "epochs" and not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite")
        if name.endswith(".weight") and array[~tensors[name.replace("weight", "mask")]].any():
            raise ValueError(f"{name} has weights that its mask has pruned")


def _check_state(own: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> None:
    """Raise ValueError unless each is a number, or one number for every parameter, finite."""
    size = sum((fan_in + 1) * out for fan_in, out in pairwise(shape))
    for name, array in own.items():
        if array.shape not in ((1,), (size,)) or array.dtype.kind not in "fi":
            raise ValueError(f"{line(name)} is {array.shape} {array.dtype}, not ({size},) or one number")
        if not np.isfinite(array).all():
            raise ValueError(f"{line(name)} holds numbers that are not finite")


def _tasks(found: Any) -> tuple[Task, ...]:
    if not isinstance(found, list) or not found:
        raise ValueError("tasks are not a list of tasks")
    for task in found:
        if not isinstance(task, dict) or not all(_are_whole(task.get(block), 0) for block in ("inputs", "outputs")):
            raise ValueError("tasks are not a list of tasks, each with the indices of its inputs and outputs")
        if not all(isinstance(task.get(word), str) for word in ("name", "kind")):
            raise ValueError("tasks are not a list of tasks, each with a name and a kind")
    tasks = tuple(Task(t["name"], tuple(t["inputs"]), tuple(t["outputs"]), t["kind"]) for t in found)
    if len({task.name for task in tasks}) < len(tasks):
        raise ValueError("tasks have the same name")
    return tasks


def _check_row(row: Any, tasks: list[str]) -> None:
    """Raise ValueError unless the row is a mapping of plain values, those of known columns of their types."""
    if not isinstance(row, dict):
        raise ValueError("its row is not one of a table")
    kinds = level_columns(tasks, [row]) if all(_is_scalar(value) for value in row.values()) else {}
    for name, value in row.items():
        kind = kinds.get(name, "").lower()
        if (value is not None and not isinstance(value, _TYPES.get(kind, ()))) or isinstance(value, bool) != (
            value is not None and kind == "boolean"
        ):
            raise ValueError(f"its row has {line(name)}={line(value)[:60]}, which must be {kind or 'one value'}")


_TYPES: dict[str, Any] = {"int64": int, "float64": (int, float), "string": str, "boolean": bool}


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _are_whole(values: Any, least: int) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and least <= value < 2**31 for value in values)


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) >= 2**63:
        raise ValueError(f"{name} {line(text)[:30]} is not an integer of 0 or more")
    return int(text)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be stored in a ticket")
