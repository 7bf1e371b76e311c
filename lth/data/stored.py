"""A dataset as one file, and a configuration's way to it: by what is in it, not by where it lies."""

import hashlib
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from lth.data.dataset import Dataset, Split, Task
from lth.data.source import PARTS
from lth.files.atomic import write_atomic
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
    return _digest(to_bytes(dataset))


def hold(dataset: Dataset) -> str:
    """Let `build` find this dataset in memory as long as somebody else has it; gives its digest."""
    digest = digest_of(dataset)
    _HELD[digest] = dataset
    return digest


def save(dataset: Dataset, path: Path) -> list[str]:
    """Write the dataset's file in one step; gives the keys by which a configuration names it.

    Raises RecordError when it cannot be written.
    """
    data = to_bytes(dataset)
    write_atomic(path, data)
    return ["dataset=arrays", f"dataset.arrays={path}", f"dataset.digest={_digest(data)}"]


def build(arrays: str | None, digest: str | None) -> Dataset:
    """The dataset with this digest, from memory or from the file `arrays`.

    Raises ValueError when neither has it.
    """
    if digest is not None and digest in _HELD:
        return _HELD[digest]
    if arrays is None:
        raise ValueError("arrays=None: must be the file that Dataset.save wrote")
    try:
        data = content(Path(arrays), MOST_BYTES)
        found = from_bytes(data)
    except OSError as error:
        raise ValueError(f"arrays={line(arrays)}: must be a dataset's file ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"arrays={line(arrays)}: must be a dataset's file, whole ({line(error)})") from None
    if digest is None:
        raise ValueError(f"digest=None: must be said; that of {line(arrays)} is {_digest(data)}")
    if _digest(data) != digest:
        raise ValueError(f"arrays={line(arrays)}: must be the file with the digest {line(digest)}, not {_digest(data)}")
    return found


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _task(described: Any) -> Task:
    return Task(described["name"], tuple(described["inputs"]), tuple(described["outputs"]), described["kind"])
