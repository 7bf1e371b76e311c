"""What a task is to answer, from the columns of y: its kind, and what the network's outputs are held against."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from lth.data.columns import Columns, missing, refuse_missing
from lth.data.dataset import Kind
from lth.data.source import one_hot


def kind_of(y: Columns, places: Sequence[int]) -> Kind:
    """The kind that columns of y look like: texts, whole numbers and truth values are labels, other numbers values.

    Two labels are `binary`, more are `classes`, as are several columns of which exactly one is 1 in every row.
    """
    if len(places) > 1:
        block = np.stack([y.numbers(place) for place in places], axis=1)
        return "classes" if _is_one_hot(block) else "values"
    values = y.values[places[0]]
    if values.dtype.kind == "f":
        return "binary" if np.isin(values, (0.0, 1.0)).all() else "values"
    labels = _labels(y, places[0])
    return "binary" if len(np.unique(labels)) == 2 else "classes"


def targets(y: Columns, places: Sequence[int], kind: Kind, known: np.ndarray | None = None) -> np.ndarray:
    """What outputs are held against, (N, outputs): 0/1, one-hot, or the numbers themselves.

    `known` are the labels of all parts in their order, the first of two being 0. Raises ValueError for columns that do
    not fit the kind.
    """
    if kind == "values":
        return np.stack([y.numbers(place) for place in places], axis=1)
    if len(places) > 1:
        block = np.stack([y.numbers(place) for place in places], axis=1)
        if kind == "binary" or not _is_one_hot(block):
            allowed = "one column" if kind == "binary" else "one column of labels, or columns with one 1 in every row"
            raise ValueError(f"kind {kind}: must be {allowed}")
        return block
    labels = _labels(y, places[0])
    known = np.unique(labels) if known is None else known
    codes = np.searchsorted(known, labels)
    return codes[:, None].astype(np.float64) if kind == "binary" else one_hot(codes, len(known))


def labels_of(name: str, parts: Sequence[Columns], places: Sequence[int], kind: Kind) -> np.ndarray | None:
    """The labels that occur in any part, sorted; None for what has none. Raises ValueError for too few or too many."""
    if kind == "values" or len(places) > 1:
        return None
    known = np.unique(np.concatenate([_labels(part, places[0]) for part in parts]))
    if kind == "binary" and len(known) != 2:
        shown = ", ".join(map(str, known[:5].tolist()))
        raise ValueError(f"task {name}: a binary task has two labels, not {len(known)} ({shown}); kinds are {KINDS}")
    if len(known) < 2:
        raise ValueError(f"task {name}: its labels are all {known[0]!s}; must be two or more different ones")
    return known


KINDS = ", ".join(get_args(Kind))


def checked_kind(name: str, kind: Any) -> Kind:
    """The kind, if it is one. Raises ValueError."""
    if kind not in get_args(Kind):
        raise ValueError(f"task {name}: kind {kind!r} must be one of {KINDS}")
    return kind


def _labels(y: Columns, place: int) -> np.ndarray:
    values, name = y.values[place], f"{y.what} column {y.names[place]!r}"
    refuse_missing(name, missing(values))
    if values.dtype.kind == "O":
        return np.array([str(one) for one in values]) if any(isinstance(one, str) for one in values) else _plain(values)
    return values


def _plain(values: np.ndarray) -> np.ndarray:
    """Objects of one plain type, Python's integers say, as an array of that type."""
    return np.array(values.tolist())


def _is_one_hot(block: np.ndarray) -> bool:
    return bool(((block == 0) | (block == 1)).all() and (block.sum(axis=1) == 1).all())
