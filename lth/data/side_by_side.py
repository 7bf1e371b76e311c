"""How independent tasks are put side by side: one network gets all their inputs and owes all their outputs."""

from collections.abc import Sequence

import numpy as np

from lth.data.dataset import Dataset, Split, Task
from lth.data.pixels import Pixels, pixels
from lth.data.source import PARTS, Rows, Source, check_whole, stream
from lth.data.standard import standardised


def side_by_side(
    name: str,
    sources: Sequence[Source],
    *,
    seed: int,
    noise_inputs: int = 0,
    places: Sequence[int] | None = None,
    paired: bool = False,
) -> Dataset:
    """One dataset of independent tasks: blocks of inputs and outputs next to each other, samples paired at random.

    Each task's samples are shuffled on their own, so what one task's inputs and labels are says nothing of another's;
    with `paired` they stay in their order, for sources whose samples belong together.
    Each input, and each output of kind `values`, is standardised with the training part's mean and deviation; what is
    constant there is 0 everywhere. `places` gives for every input, task by task, its index in the network (left out:
    the order they come in). The last `noise_inputs` inputs are standard normal and in no task. Raises ValueError for
    bad arguments, tasks of different numbers of samples, and values that have no finite deviation.
    """
    check_whole("noise_inputs", noise_inputs, 0)
    _check_samples(sources)
    shuffled = [source.parts if paired else _shuffled(source, seed) for source in sources]
    named = list(zip(sources, shuffled, strict=True))
    blocks = [_inputs(source, _parts(rows, 0)) for source, rows in named]
    y = _beside([_targets(source, _parts(rows, 1)) for source, rows in named])
    count = sum(block[0].shape[1] for block in blocks)
    if noise_inputs:
        blocks.append(_noise(noise_inputs, [len(part) for part in y], seed))
    x = _inputs_beside(blocks)
    if places is not None:
        _check_places(places, count)
        order = [*np.argsort(places), *range(count, count + noise_inputs)]
        x = [np.take(_numbers(part), order, axis=1) for part in x]
    train, val, test = (Split(*pair) for pair in zip(x, y, strict=True))
    return Dataset(_tasks(sources, range(count) if places is None else places), train, val, test, name)


def _check_samples(sources: Sequence[Source]) -> None:
    for part in PARTS:
        sizes = {source.name: len(source.parts[part].x) for source in sources}
        if len(set(sizes.values())) != 1:
            raise ValueError(f"n_{part}: tasks side by side need equally many samples, not {sizes}")


def _check_places(places: Sequence[int], inputs: int) -> None:
    if sorted(places) != list(range(inputs)):
        raise ValueError(f"places={list(places)}: must be the indices 0..{inputs - 1} in some order")


def _shuffled(source: Source, seed: int) -> dict[str, Rows]:
    shuffled = {}
    for part, rows in source.parts.items():
        order = stream(seed, "pairing", source.name, part).permutation(len(rows.x))
        shuffled[part] = Rows(rows.x[order], rows.y[order])
    return shuffled


def _parts(rows: dict[str, Rows], of: int) -> list[np.ndarray]:
    return [rows[part][of] for part in PARTS]


def _inputs(source: Source, parts: Sequence[np.ndarray]) -> Sequence[np.ndarray] | Sequence[Pixels]:
    """The inputs standardised; grey values stay the bytes that they are."""
    if parts[0].dtype == np.uint8:
        return pixels(parts, standardise=source.standardise)
    return standardised(parts, f"task {source.name}: inputs")


def _inputs_beside(blocks: Sequence[Sequence[np.ndarray | Pixels]]) -> Sequence[np.ndarray | Pixels]:
    """Blocks of (train, val, test) next to each other; as bytes where all of them are."""
    parts = list(zip(*blocks, strict=True))
    if all(isinstance(one, Pixels) for part in parts for one in part):
        return [Pixels.beside([one for one in part if isinstance(one, Pixels)]) for part in parts]
    return _beside([[_numbers(one) for one in block] for block in blocks])


def _numbers(part: np.ndarray | Pixels) -> np.ndarray:
    return part.numbers() if isinstance(part, Pixels) else part


def _targets(source: Source, parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    if source.kind == "values":
        return standardised(parts, f"task {source.name}: outputs")
    return [part.astype(np.float32) for part in parts]


def _beside(blocks: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
    """Blocks of (train, val, test) next to each other: three arrays (N, columns of all blocks)."""
    return [np.concatenate(part, axis=1) for part in zip(*blocks, strict=True)]


def _noise(count: int, sizes: Sequence[int], seed: int) -> list[np.ndarray]:
    """Noise inputs per part (N, count); each has its own stream, so that more of them leave the first as they are."""
    columns = [
        [
            stream(seed, "noise input", index, part).standard_normal((size, 1))
            for part, size in zip(PARTS, sizes, strict=True)
        ]
        for index in range(count)
    ]
    return _beside([standardised(parts, "noise inputs") for parts in columns])


def _tasks(sources: Sequence[Source], places: Sequence[int]) -> tuple[Task, ...]:
    tasks: list[Task] = []
    first_in = first_out = 0
    for source in sources:
        last_in = first_in + source.parts["train"].x.shape[1]
        last_out = first_out + source.parts["train"].y.shape[1]
        tasks.append(Task(source.name, tuple(places[first_in:last_in]), tuple(range(first_out, last_out)), source.kind))
        first_in, first_out = last_in, last_out
    return tuple(tasks)
