"""A table that somebody brings, numpy's, pandas', torch's or a list of rows, as named columns that are checked."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_SHOWN = 8  # names of columns that an error lists


@dataclass(frozen=True)
class Columns:
    """The columns (N,) of a table in their order, by name; columns without a name have their place instead.

    `what` is how errors call the table.
    """

    what: str
    names: tuple[Hashable, ...]
    values: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.values[0])

    def places(self, asked: Any) -> tuple[int, ...]:
        """The places of columns asked for: a name, a place, a slice of places, or several of these.

        Raises ValueError for what is not there.
        """
        if isinstance(asked, slice):
            return tuple(range(*asked.indices(len(self.names))))
        several = isinstance(asked, Iterable) and not isinstance(asked, str | bytes | tuple)
        if several or (isinstance(asked, tuple) and asked not in self.names):
            return tuple(place for one in asked for place in self.places(one))
        if asked in self.names:
            return (self.names.index(asked),)
        if isinstance(asked, int | np.integer) and not isinstance(asked, bool) and 0 <= asked < len(self.names):
            return (int(asked),)
        raise ValueError(f"{self.what} has no column {asked!r}; it has {listed(self.names)}")

    def numbers(self, place: int) -> np.ndarray:
        """A column as float64. Raises ValueError for texts, dates, and values that are missing or not finite."""
        name, values = f"{self.what} column {self.names[place]!r}", self.values[place]
        if values.dtype.kind not in "biufO":
            raise ValueError(f"{name}: must be numbers, not {values.dtype}")
        text = next((one for one in values if isinstance(one, str)), None) if values.dtype.kind == "O" else None
        if text is not None:
            raise ValueError(f"{name}: must be numbers, not texts like {text!r}; pandas.get_dummies makes some of them")
        try:
            numbers = np.where(missing(values), np.nan, values).astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: must be numbers ({error})") from None
        refuse_missing(name, ~np.isfinite(numbers))
        return numbers


def columns(given: Any, what: str) -> Columns:
    """The columns of a table. Raises ValueError for what is none, or has no row or no column."""
    if hasattr(given, "toarray"):  # scipy's sparse matrices
        given = given.toarray()
    elif hasattr(given, "detach"):  # torch's tensors
        given = given.detach().cpu().numpy()
    if hasattr(given, "iloc"):
        return _of_pandas(given, what)
    try:
        array = np.asarray(given)
    except ValueError:
        raise ValueError(f"{what} must be a table: its rows have different lengths") from None
    if array.ndim not in (1, 2):
        raise ValueError(f"{what} must be (samples,) or (samples, columns), not {array.shape}")
    table = array[:, None] if array.ndim == 1 else array
    return _checked(Columns(what, tuple(range(table.shape[1])), tuple(table.T)))


def rows(x: Any, y: Any, part: str = "") -> tuple[Columns, Columns]:
    """x and y of a part as columns. Raises ValueError unless they have equally many samples."""
    of = f"{part} " if part else ""
    inputs, targets = columns(x, f"{of}x"), columns(y, f"{of}y")
    if len(inputs) != len(targets):
        raise ValueError(f"{of}x and {of}y must have equally many samples, not {len(inputs)} and {len(targets)}")
    return inputs, targets


def missing(values: np.ndarray) -> np.ndarray:
    """(N,) bool: None, NaN and pandas' own."""
    import pandas as pd

    return np.asarray(pd.isna(values))


def refuse_missing(name: str, gone: np.ndarray) -> None:
    """Raise ValueError when some of (N,) is True, saying in which row first and in how many."""
    if gone.any():
        where = (
            f"row {int(gone.argmax())} is"
            if gone.sum() == 1
            else f"{gone.sum()} rows, from {int(gone.argmax())} on, are"
        )
        raise ValueError(f"{name}: {where} missing or not finite; must be filled in or dropped first")


def listed(names: Sequence[Hashable]) -> str:
    """Names for an error, not too many of them."""
    shown = ", ".join(map(repr, names[:_SHOWN]))
    return shown if len(names) <= _SHOWN else f"{shown}, … ({len(names)} in all)"


def _of_pandas(given: Any, what: str) -> Columns:
    if given.ndim == 1:
        return _checked(Columns(what, (0 if given.name is None else given.name,), (given.to_numpy(),)))
    names = tuple(given.columns)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{what} has several columns {twice!r}")
    return _checked(Columns(what, names, tuple(given.iloc[:, place].to_numpy() for place in range(len(names)))))


def _checked(found: Columns) -> Columns:
    if not found.values or len(found.values[0]) == 0:
        raise ValueError(f"{found.what} must have a sample and a column at least")
    return found
