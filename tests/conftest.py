"""A cache of openml.org small enough for tests, and every dataset of conf/dataset built small."""

import gzip
import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra.utils import instantiate
from hypothesis import HealthCheck, settings
from omegaconf import OmegaConf

from lth.data import Dataset, idx, openml

# What passes must not depend on how busy the machine is, nor on luck: the same examples each time, in any time.
settings.register_profile("lth", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lth")

CONF = Path(__file__).parents[1] / "conf" / "dataset"
SMALL_OPENML = {"n_train": 180, "n_val": 60, "n_test": 40}


def _images(labels: np.ndarray, seed: int) -> np.ndarray:
    """28 x 28 images with black frames; every class lights pixels of its own, under noise."""
    random = np.random.default_rng(seed)
    lit = random.random((10, 784)) < 0.3
    images = np.where(lit[labels], 200, 20) + random.integers(-20, 21, (len(labels), 784))
    frame = np.pad(np.zeros((24, 24), bool), 2, constant_values=True).ravel()
    images[:, frame] = 0
    return images


def _arff(images: np.ndarray, labels: np.ndarray) -> bytes:
    head = ["@RELATION images", *(f"@ATTRIBUTE pixel{i + 1} REAL" for i in range(784))]
    head += ["@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}", "@DATA"]
    rows = [",".join(map(str, [*image, label])) for image, label in zip(images, labels, strict=True)]
    return "\n".join([*head, *rows, ""]).encode()


def _put(home: Path, address: str, content: bytes | dict) -> None:
    path = home / "openml" / "openml.org" / f"{address}.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content if isinstance(content, bytes) else json.dumps(content).encode()))


def write_collection(home: Path, name: str, number: int) -> None:
    """What scikit-learn's fetch_openml leaves in its cache for a collection of 240 + 40 images."""
    labels = np.random.default_rng(number).permuted(np.repeat(np.arange(10), 28))
    data = _arff(_images(labels, number), labels)
    flags = {"is_target": "false", "is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    columns = [{"index": str(i), "name": f"pixel{i + 1}", "data_type": "numeric", **flags} for i in range(784)]
    columns.append({"index": "784", "name": "class", "data_type": "nominal", **flags, "is_target": "true"})
    api = "api/v1/json/data"
    listed = {"did": number, "name": name, "version": 1, "status": "active"}
    _put(home, f"{api}/list/data_name/{name.lower()}/limit/2/data_version/1", {"data": {"dataset": [listed]}})
    about = {"id": str(number), "name": name, "version": "1", "description": "small", "format": "ARFF"}
    about |= {"status": "active", "url": f"https://www.openml.org/data/v1/download/{number}/{name}.arff"}
    about |= {"file_id": str(number), "md5_checksum": hashlib.md5(data).hexdigest()}
    _put(home, f"{api}/{number}", {"data_set_description": about})
    _put(home, f"{api}/features/{number}", {"data_features": {"feature": columns}})
    quality = [{"name": "NumberOfInstances", "value": str(len(labels))}]
    _put(home, f"{api}/qualities/{number}", {"data_qualities": {"quality": quality}})
    _put(home, f"data/v1/download/{number}/{name}.arff", data)


@pytest.fixture(scope="session")
def openml_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """scikit-learn's data folder with both collections of openml.org in small."""
    home = tmp_path_factory.mktemp("scikit_learn_data")
    write_collection(home, "mnist_784", 554)
    write_collection(home, "Fashion-MNIST", 40996)
    return home


@pytest.fixture(scope="session")
def build(openml_home: Path) -> Callable[..., Dataset]:
    """Builds the dataset of a YAML in conf/dataset with some keys changed, as a run does; equal calls build once."""
    built: dict[str, Dataset] = {}

    def build(name: str, **changes: Any) -> Dataset:
        config = OmegaConf.load(CONF / f"{name}.yaml")
        small = {"data_home": str(openml_home), **SMALL_OPENML} if "data_home" in config else {}
        OmegaConf.set_struct(config, True)
        config = OmegaConf.merge(config, {**small, **changes})
        key = OmegaConf.to_yaml(config)
        if key not in built:
            built[key] = instantiate(config)
        return built[key]

    return build


def _as_idx(array: np.ndarray) -> bytes:
    """Bytes of an idx file, as its authors describe it: 0, 0, type 8, axes; each axis in four bytes; the values."""
    return (
        bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()
    )


@pytest.fixture
def idx_folder(openml_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small collections of the cache as idx files, Fashion-MNIST's compressed, and their sums as if published."""
    for task in ("mnist", "fashion"):
        pixels, labels = openml.load(task, str(openml_home))
        (tmp_path / task).mkdir()
        sums = {}
        for part, rows in (("train", slice(0, 240)), ("t10k", slice(240, None))):
            arrays = {idx.IMAGES: pixels[rows].reshape(-1, 28, 28), idx.LABELS: labels[rows]}
            for name, data in ((name.format(part), _as_idx(array)) for name, array in arrays.items()):
                sums[name] = hashlib.md5(data).hexdigest()
                packed = task == "fashion"
                path = tmp_path / task / (f"{name}.gz" if packed else name)
                path.write_bytes(gzip.compress(data) if packed else data)
        monkeypatch.setitem(idx.MD5, task, sums)
    return tmp_path
