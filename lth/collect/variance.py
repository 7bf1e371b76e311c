"""How much each pixel of images varies in the training part that a run had."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from json import dumps, loads
from typing import Any

import numpy as np

_IMAGES = "lth.data.images.build"
_KEYS = ("n_train", "n_val", "n_test", "seed", "folder")


def variance(configuration: Mapping[str, Any]) -> np.ndarray | None:
    """(inputs,) variance of grey values from 0 to 1, from the files that this flat configuration names.

    None for other data than images, and where the files are not.
    """
    if configuration.get("dataset._target_") != _IMAGES or configuration.get("dataset.folder") is None:
        return None
    given = {key: configuration[f"dataset.{key}"] for key in _KEYS if f"dataset.{key}" in configuration}
    tasks = re.findall(r"\w+", str(configuration.get("dataset.tasks")))  # a flat configuration has lists as texts
    return _of(dumps({"tasks": tasks, **given}, sort_keys=True))


@lru_cache(maxsize=4)
def _of(given: str) -> np.ndarray | None:
    from lth.data.images import build
    from lth.data.pixels import Pixels

    try:
        images = build(**loads(given)).train.given
    except (TypeError, ValueError):
        return None
    return images.variance if isinstance(images, Pixels) else None
