"""A dataset of somebody's own arrays: which columns are whose, what kind a task is, and how the samples are parted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lth.data.columns import Columns, listed, rows
from lth.data.dataset import Dataset, Kind, Split, Task
from lth.data.source import PARTS, check_whole, stratified, stream
from lth.data.spread import check_data
from lth.data.standard import standardised
from lth.data.targets import checked_kind, kind_of, labels_of, targets

Pair = tuple[Any, Any]


@dataclass(frozen=True)
class _Asked:
    """A task before its outputs have their places in the network: its columns of x and of y, and its kind."""

    name: str
    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    kind: Kind
    labels: np.ndarray | None

    def block(self, y: Columns) -> np.ndarray:
        """What its outputs are held against, (N, outputs)."""
        try:
            return targets(y, self.targets, self.kind, self.labels)
        except ValueError as error:
            raise ValueError(f"task {self.name}: {error}") from None


def from_arrays(
    x: Any,
    y: Any,
    tasks: Mapping[str, Sequence[Any]] | Sequence[Task] | None = None,
    *,
    val: Pair | None = None,
    test: Pair | None = None,
    split: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    standardise: bool = True,
    name: str = "arrays",
) -> Dataset:
    """See `Dataset.from_arrays`."""
    check_whole("seed", seed, 0)
    if (val is None) != (test is None):
        raise ValueError("val and test must both be given, or neither")
    given = [rows(x, y)]
    if val is not None and test is not None:
        given += [rows(*_pair(pair, part), part) for part, pair in (("val", val), ("test", test))]
        _check_alike(given)
    asked = _asked(tasks, given[0][0], [part for _, part in given])
    xs = [np.stack([part.numbers(place) for place in range(len(part.names))], axis=1) for part, _ in given]
    blocks = [[task.block(part) for _, part in given] for task in asked]
    if len(given) == 1:
        orders = _orders(asked, blocks, split, seed)
        xs = [xs[0][order] for order in orders]
        blocks = [[block[0][order] for order in orders] for block in blocks]
    if standardise:
        xs = standardised(xs, "x")
    ys = [_outputs(task, parts) for task, parts in zip(asked, blocks, strict=True)]
    train, held, last = (_split(xs[index], [block[index] for block in ys]) for index in range(len(PARTS)))
    dataset = Dataset(_tasks(asked, [block[0].shape[1] for block in ys]), train, held, last, name)
    check_data(dataset)
    return dataset


def _pair(pair: Any, part: str) -> Pair:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"{part} must be a pair (x, y)")
    return pair[0], pair[1]


def _check_alike(given: Sequence[tuple[Columns, Columns]]) -> None:
    for two in zip(*given, strict=True):
        for other in two[1:]:
            if other.names != two[0].names:
                raise ValueError(f"{other.what} must have the columns of {two[0].what}: {listed(two[0].names)}")


def _asked(tasks: Any, x: Columns, ys: list[Columns]) -> list[_Asked]:
    """The tasks as they were asked for. Raises ValueError for columns that are not there, or in none or two of them."""
    found = [_one(name, one, x, ys) for name, one in _described(tasks)]
    for what, table, used in (
        ("y", ys[0], [place for task in found for place in task.targets]),
        ("x", x, [place for task in found for place in task.inputs]),
    ):
        twice = next((place for place in used if used.count(place) > 1), None)
        if twice is not None:
            raise ValueError(f"{what} column {table.names[twice]!r}: must belong to one task only")
        left = [name for place, name in enumerate(table.names) if place not in used]
        if what == "y" and left:
            raise ValueError(f"y has columns of no task: {listed(left)}; must be left out of y, or given to a task")
    return found


def _described(tasks: Any) -> list[tuple[str, Sequence[Any]]]:
    if tasks is None:
        return [("task", (slice(None), slice(None)))]
    if isinstance(tasks, Mapping):
        return [(str(name), one) for name, one in tasks.items()]
    listed = list(tasks) if isinstance(tasks, Iterable) else []
    if listed and all(isinstance(task, Task) for task in listed):
        return [(task.name, (list(task.inputs), list(task.outputs), task.kind)) for task in listed]
    raise ValueError("tasks must be {name: (columns of x, columns of y)}, or a list of lth.Task")


def _one(name: str, described: Any, x: Columns, ys: list[Columns]) -> _Asked:
    if not isinstance(described, tuple | list) or len(described) not in (2, 3):
        raise ValueError(f"task {name}: must be (columns of x, columns of y), or with its kind as a third")
    try:
        inputs, outputs = x.places(described[0]), ys[0].places(described[1])
    except ValueError as error:
        raise ValueError(f"task {name}: {error}") from None
    if not inputs or not outputs:
        raise ValueError(f"task {name}: must have a column of x and a column of y at least")
    kind = checked_kind(name, described[2]) if len(described) == 3 else kind_of(ys[0], outputs)
    return _Asked(name, inputs, outputs, kind, labels_of(name, ys, outputs, kind))


def _orders(asked: Sequence[_Asked], blocks: Sequence[Sequence[np.ndarray]], split: Any, seed: int) -> list[np.ndarray]:
    """The samples of each part, shuffled; where tasks have labels, every part has them in their overall shares."""
    samples = len(blocks[0][0])
    sizes = _sizes(split, samples)
    random = stream(seed, "split")
    labelled = [block[0] for task, block in zip(asked, blocks, strict=True) if task.kind != "values"]
    if labelled:
        _, together = np.unique(np.concatenate(labelled, axis=1), axis=0, return_inverse=True)
        order = stratified(together.ravel(), random)
    else:
        order = random.permutation(samples)
    first, second = sizes[0], sizes[0] + sizes[1]
    parts = [order[:first], order[first:second], order[second : second + sizes[2]]]
    return [random.permutation(part) for part in parts]


def _sizes(split: Any, samples: int) -> list[int]:
    """Samples of each part, from three counts or three shares of 1."""
    allowed = (
        f"split={split!r}: must be three shares that sum to 1, or three counts of at most {samples} samples in all"
    )
    numbers = list(split) if isinstance(split, Iterable) and not isinstance(split, str) else []
    if len(numbers) != len(PARTS) or not all(isinstance(n, int | float | np.number) and n > 0 for n in numbers):
        raise ValueError(allowed)
    if all(isinstance(number, int | np.integer) for number in numbers):
        if sum(numbers) > samples:
            raise ValueError(allowed)
        return [int(number) for number in numbers]
    if not np.isclose(sum(numbers), 1):
        raise ValueError(allowed)
    ends = [round(samples * float(share)) for share in np.cumsum(numbers)]
    sizes = np.diff([0, *ends[:-1], samples]).tolist()
    if min(sizes) < 1:
        raise ValueError(f"{allowed}; {samples} samples are too few for it")
    return sizes


def _outputs(task: _Asked, parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    if task.kind == "values":
        return standardised(parts, f"task {task.name}: outputs")
    return [part.astype(np.float32) for part in parts]


def _split(x: np.ndarray, y: Sequence[np.ndarray]) -> Split:
    return Split(np.ascontiguousarray(x, dtype=np.float32), np.ascontiguousarray(np.concatenate(y, axis=1)))


def _tasks(asked: Sequence[_Asked], widths: Sequence[int]) -> tuple[Task, ...]:
    ends = np.cumsum([0, *widths]).tolist()
    return tuple(
        Task(task.name, task.inputs, tuple(range(first, last)), task.kind)
        for task, first, last in zip(asked, ends[:-1], ends[1:], strict=True)
    )
