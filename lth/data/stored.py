"""A dataset as one file, and a configuration's way to it: by what is in it, not by where it lies."""

import hashlib
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from lth.data.dataset import Dataset, Split, Task
from lth.data.source import PARTS
from lth.files.foreign import content, json_of, line
from lth.files.seal import seal, unseal

MOST_BYTES = 2**36
_HELD: WeakValueDictionary[str, Dataset] = WeakValueDictionary()  # what this process has in memory, by digest


def to_bytes(dataset: Dataset) -> bytes:
    """The dataset as a sealed safetensors file; equal datasets give equal bytes."""
    tensors = {f"{part}.{name}": getattr(getattr(dataset, part), name) for part in PARTS for name in "xy"}
    return seal(tensors, {"name": dataset.name, "tasks": dumps([asdict(task) for task in dataset.tasks])})


def from_bytes(data: bytes) -> Dataset:
    """The dataset of such a file. Raises ValueError for anything else."""
    try:
        tensors, metadata = unseal(data)
        train, val, test = (Split(tensors[f"{part}.x"], tensors[f"{part}.y"]) for part in PARTS)
        tasks = tuple(_task(task) for task in json_of(metadata["tasks"]))
        return Dataset(tasks, train, val, test, metadata["name"])
    except (LookupError, TypeError):
        raise ValueError("holds no dataset") from None


def digest_of(dataset: Dataset) -> str:
    """32 hexadecimal digits that are equal for equal datasets."""
    return hashlib.blake2b(to_bytes(dataset), digest_size=16).hexdigest()


def hold(dataset: Dataset) -> str:
    """Let `build` find this dataset in memory as long as somebody else has it; gives its digest."""
    digest = digest_of(dataset)
    _HELD[digest] = dataset
    return digest


def build(arrays: str, digest: str) -> Dataset:
    """The dataset with this digest, from memory or from the file `arrays`.

    Raises ValueError when neither has it.
    """
    if digest in _HELD:
        return _HELD[digest]
    try:
        data = content(Path(arrays), MOST_BYTES)
        found = from_bytes(data)
    except OSError as error:
        raise ValueError(f"arrays={line(arrays)}: must be a dataset's file ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"arrays={line(arrays)}: must be a dataset's file, whole ({line(error)})") from None
    if hashlib.blake2b(data, digest_size=16).hexdigest() != digest:
        raise ValueError(f"arrays={line(arrays)}: holds another dataset than {line(digest)}; must be that one")
    return found


def _task(described: Any) -> Task:
    return Task(described["name"], tuple(described["inputs"]), tuple(described["outputs"]), described["kind"])
