"""Two Boolean functions of four inputs each, 4 - 2 - 4: two gates of two inputs, and their four answers decoded.

After the functions with shared inputs in Patil, Michael and Dovrolis, Neural Sculpting, 2023; the gates are our own.
"""

from dataclasses import dataclass

import numpy as np

from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, check_noise, check_whole, one_hot, stream

INPUTS = 4
KINDS = ("and", "or", "xor")
TASKS = ("first", "second")


@dataclass(frozen=True)
class Gate:
    """A kind of gate of two bits, each of them negated or not before."""

    kind: str
    negated: tuple[bool, bool]

    def __call__(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """(N,) bool of bits (N,) bool."""
        a, b = a ^ self.negated[0], b ^ self.negated[1]
        return a & b if self.kind == "and" else a | b if self.kind == "or" else a ^ b


def gates(seed: int) -> dict[str, tuple[Gate, Gate]]:
    """The two gates of each task, drawn by the data's seed.

    At the same place the second's is another function than the first's, and than its negation.
    """
    random = stream(seed, "gates")
    first = tuple(_draw(random) for _ in range(2))
    second = tuple(_other(gate, random) for gate in first)
    return {"first": (first[0], first[1]), "second": (second[0], second[1])}


def answer(bits: np.ndarray, two: tuple[Gate, Gate]) -> np.ndarray:
    """Which of the four outputs is 1, (N,) int, for bits (N, 4): twice the gate of bits 0 and 1, and the other's."""
    return 2 * two[0](bits[:, 0], bits[:, 1]).astype(int) + two[1](bits[:, 2], bits[:, 3])


def build(
    shared_inputs: int = 0,
    noise: float = 0.1,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks first and second, 4 inputs and 4 outputs each, of fair bits with Gaussian `noise`. Raises ValueError.

    The second's first `shared_inputs` columns are copies of the first's: columns of their own, as in lth.data.shared.
    """
    check_whole("shared_inputs", shared_inputs, 0)
    if shared_inputs > INPUTS:
        raise ValueError(f"shared_inputs={shared_inputs!r}: must be a whole number from 0 to {INPUTS}")
    check_noise(noise)
    functions, sources = gates(seed), {name: dict[str, Rows]() for name in TASKS}
    for part, size in Sizes(n_train, n_val, n_test).items():
        for name, (bits, x) in _drawn(size, part, seed, noise, shared_inputs).items():
            sources[name][part] = Rows(x, one_hot(answer(bits, functions[name]), 2**2))
    found = [Source(name, "classes", parts) for name, parts in sources.items()]
    return side_by_side("boolean_pair", found, seed=seed, noise_inputs=noise_inputs, paired=True)


def _drawn(size: int, part: str, seed: int, noise: float, shared: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each task the bits (N, 4) and the inputs (N, 4), which are the bits and their noise."""
    drawn = {}
    for name in TASKS:
        random = stream(seed, name, part)
        bits = random.integers(2, size=(size, INPUTS)).astype(bool)
        x = bits + noise * random.standard_normal(bits.shape)
        if name != TASKS[0]:
            bits[:, :shared], x[:, :shared] = (both[:, :shared] for both in drawn[TASKS[0]])
        drawn[name] = bits, x
    return drawn


def _draw(random: np.random.Generator) -> Gate:
    return Gate(KINDS[random.integers(len(KINDS))], (bool(random.integers(2)), bool(random.integers(2))))


def _other(gate: Gate, random: np.random.Generator) -> Gate:
    known = _table(gate)
    while True:
        drawn = _draw(random)
        if _table(drawn) not in (known, tuple(not one for one in known)):
            return drawn


def _table(gate: Gate) -> tuple[bool, ...]:
    """What a gate says to 00, 01, 10 and 11."""
    return tuple(gate(np.array([0, 0, 1, 1], dtype=bool), np.array([0, 1, 0, 1], dtype=bool)).tolist())
