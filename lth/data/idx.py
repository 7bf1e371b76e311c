"""The files that MNIST and Fashion-MNIST were published as (idx, plain or gz), told by their MD5."""

import gzip
import hashlib
import io
import zlib
from pathlib import Path

import numpy as np

from lth.files.foreign import content, line

IMAGES, LABELS = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"
PARTS = ("train", "t10k")
# Of the uncompressed files: MNIST's as published, Fashion-MNIST's those of Debian's dataset-fashion-mnist.
MD5 = {
    "mnist": {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    "fashion": {
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    },
}
_MOST_BYTES = 2**26  # the largest of them has 47 million


def load(task: str, folder: str) -> tuple[np.ndarray, np.ndarray]:
    """Grey values (N, 784) uint8 and labels (N,) 0..9 of the training part, then of the test part.

    The files lie in the folder `task` within `folder`, or in `folder` itself. Raises ValueError for what is missing or
    another file than the published one.
    """
    inner = Path(folder) / task
    place = inner if inner.is_dir() else Path(folder)
    pixels, labels = ([_file(place, name.format(part), task, folder) for part in PARTS] for name in (IMAGES, LABELS))
    flat = [images.reshape(len(images), -1) for images in pixels]
    return np.concatenate(flat), np.concatenate(labels).astype(np.int64)


def checked(data: bytes, name: str, task: str) -> bytes:
    """The bytes of this file of the collection, uncompressed. Raises ValueError for any others."""
    data = unpacked(data)
    found, right = md5(data), MD5[task][name]
    if found != right:
        raise ValueError(f"must be the published file of {task} with MD5 {right}, not {found}")
    return data


def unpacked(data: bytes) -> bytes:
    """The bytes uncompressed, if they are gz. Raises ValueError for damaged ones."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(data)).read(_MOST_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"is damaged ({line(error)})") from None


def md5(data: bytes) -> str:
    """The MD5 of these bytes: what publishers of data name, no protection against forgery."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _file(place: Path, name: str, task: str, folder: str) -> np.ndarray:
    """The array of an idx file: two zeros, 8 for bytes, the number of axes; each axis; the bytes."""
    path = next((one for one in (place / name, place / f"{name}.gz") if one.exists()), None)
    if path is None:
        wanted = f"must hold {task}/{name}, plain or gz"
        raise ValueError(f"folder={line(folder)}: {wanted}; `make data` puts MNIST and Fashion-MNIST into data")
    try:
        data = checked(content(path, _MOST_BYTES), name, task)
    except OSError as error:
        raise ValueError(f"folder={line(folder)}: {line(path)} cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"folder={line(folder)}: {line(path)} {error}") from None
    axes = data[3]
    shape = np.frombuffer(data, ">i4", count=axes, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)
