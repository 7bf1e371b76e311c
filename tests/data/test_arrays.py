"""Datasets of arrays that somebody brings: which column is whose, what is refused, and the file that keeps them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from lth.data import Dataset, Task, stored
from lth.data.arrays import from_arrays

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(100, 5))
Y = np.stack([X[:, 0] > 0, X[:, 3] + X[:, 4] > 0], axis=1)
TASKS = {"one": ([0, 1], 0), "two": ([4, 3], 1)}
FRAME = pd.DataFrame(X, columns=list("abcde")).assign(first=Y[:, 0], second=Y[:, 1].astype(int))


def parts(data: Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(part.x, part.y) for part in (data.train, data.val, data.test)]


def same(one: Dataset, other: Dataset) -> bool:
    pairs = zip(parts(one), parts(other), strict=True)
    return all(np.array_equal(a, b) for two in pairs for a, b in zip(*two, strict=True))


def test_every_container_gives_the_same() -> None:
    plain = Dataset.from_arrays(X, Y, TASKS)
    named = {"one": (["a", "b"], "first"), "two": (["e", "d"], "second")}
    frame = Dataset.from_arrays(FRAME[list("abcde")], FRAME[["first", "second"]], named)
    nullable = Dataset.from_arrays(
        FRAME[list("abcde")].astype("Float64"), FRAME[["first", "second"]].astype("Int64"), TASKS
    )
    tensors = Dataset.from_arrays(torch.from_numpy(X), torch.from_numpy(Y), TASKS)
    lists = Dataset.from_arrays(X.tolist(), Y.tolist(), TASKS)
    sparse = Dataset.from_arrays(csr_array(X), Y, TASKS)
    tasks = [Task("one", (0, 1), (0,), "binary"), Task("two", (4, 3), (1,), "binary")]
    for other in (frame, nullable, tensors, lists, sparse, Dataset.from_arrays(X, Y, tasks)):
        assert same(plain, other)
        assert other.tasks == plain.tasks
    assert plain.tasks == tuple(tasks)  # the third column is noise


def test_rows_stay_together_and_are_parted_once() -> None:
    """Every sample lands in one part, with its own answers, standardised by the training part."""
    data = Dataset.from_arrays(X, Y, TASKS, standardise=False)
    every_x, every_y = (np.concatenate([part[side] for part in parts(data)]) for side in (0, 1))
    order = [int(np.flatnonzero((X.astype(np.float32) == row).all(axis=1))[0]) for row in every_x]
    assert sorted(order) == list(range(100))
    assert (every_y == Y[order]).all()
    scaled = Dataset.from_arrays(X, Y, TASKS)
    mean, deviation = data.train.x.mean(0, dtype=float), data.train.x.std(0, dtype=float)
    for (x, _), (raw, _) in zip(parts(scaled), parts(data), strict=True):
        np.testing.assert_allclose(x, (raw - mean) / deviation, atol=1e-5)


def test_the_seed_parts_and_labels_keep_their_shares() -> None:
    labels = np.repeat(["rare", "often"], [20, 80])
    first, again, other = (Dataset.from_arrays(X, labels, seed=seed) for seed in (0, 0, 1))
    assert same(first, again)
    assert not same(first, other)
    assert [len(x) for x, _ in parts(first)] == [60, 20, 20]
    assert [round(float(y.mean()), 2) for _, y in parts(first)] == [0.2, 0.2, 0.2]  # "often" comes first, so it is 0


def test_shares_counts_and_parts_of_ones_own() -> None:
    assert [len(x) for x, _ in parts(Dataset.from_arrays(X, Y, TASKS, split=(50, 10, 5)))] == [50, 10, 5]
    own = Dataset.from_arrays(X[:60], Y[:60], TASKS, val=(X[60:80], Y[60:80]), test=(X[80:], Y[80:]), standardise=False)
    assert all(np.array_equal(x, X[rows].astype(np.float32)) for (x, _), rows in
               zip(parts(own), (slice(60), slice(60, 80), slice(80, 100)), strict=True))  # fmt: skip


@pytest.mark.parametrize(
    ("y", "kind", "outputs"),
    [
        (Y[:, 0], "binary", 1),
        (Y[:, 0].astype(float), "binary", 1),
        (np.where(Y[:, 0], 7, 3), "binary", 1),
        (np.where(Y[:, 0], "yes", "no"), "binary", 1),
        (pd.Series(np.where(Y[:, 0], "yes", "no")).astype("category"), "binary", 1),
        (np.arange(100) % 3, "classes", 3),
        (np.eye(3)[np.arange(100) % 3], "classes", 3),
        (X[:, 0], "values", 1),
        (X[:, :2], "values", 2),
    ],
)
def test_the_kind_is_seen(y: Any, kind: str, outputs: int) -> None:
    (task,) = Dataset.from_arrays(X, y).tasks
    assert (task.kind, len(task.outputs)) == (kind, outputs)


def test_a_kind_that_is_said_counts() -> None:
    counts = np.arange(100) % 4
    (task,) = Dataset.from_arrays(X, counts, {"counts": (slice(None), 0, "values")}).tasks
    assert task.kind == "values"
    data = Dataset.from_arrays(X, counts, {"counts": (range(2), 0, "classes")})
    np.testing.assert_array_equal(data.train.y.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("load", "kind", "shape"),
    [(load_iris, "classes", (4, 3)), (load_diabetes, "values", (10, 1)), (load_breast_cancer, "binary", (30, 1))],
)
@pytest.mark.parametrize("as_frame", [False, True])
def test_what_scikit_learn_loads(load: Any, kind: str, shape: tuple[int, int], as_frame: bool) -> None:
    data = Dataset.from_arrays(*load(return_X_y=True, as_frame=as_frame))
    assert (data.tasks[0].kind, data.inputs, data.outputs) == (kind, *shape)


GAP = FRAME[["a", "b"]].assign(a=FRAME["a"].where(FRAME.index != 7), c="red", d=pd.Timestamp("2020-01-01"))
BAD: list[tuple[tuple, dict, str]] = [
    ((GAP[["a"]], Y[:, 0]), {}, r"^x column 'a': row 7 is missing or not finite"),
    ((GAP[["c"]], Y[:, 0]), {}, r"^x column 'c': must be numbers, not texts like 'red'"),
    ((GAP[["d"]], Y[:, 0]), {}, r"^x column 'd': must be numbers, not datetime64"),
    ((X, FRAME["a"].where(FRAME.index > 2)), {}, r"^task task: y column 'a': 3 rows, from 0 on, are missing"),
    ((X, pd.Series(["a", None] * 50)), {}, r"^y column 0: 50 rows, from 1 on, are missing"),
    ((X, Y[:50, 0]), {}, r"^x and y must have equally many samples, not 100 and 50"),
    ((X[:, :, None], Y), {}, r"^x must be .* not \(100, 5, 1\)"),
    (([[1, 2], [3]], [0, 1]), {}, "^x must be a table: its rows have different lengths"),
    ((X[:0], Y[:0]), {}, "^x must have a sample and a column"),
    ((pd.concat([FRAME[["a"]]] * 2, axis=1), Y[:, 0]), {}, "^x has several columns 'a'"),
    ((X, np.zeros(100)), {}, "^task task: .* must be two or more|^task task: a binary task has two labels, not 1"),
    ((X, Y, {"one": ([0], 0)}), {}, "^y has columns of no task: 1; must be left out"),
    ((X, Y, {"one": ([0], 0), "two": ([0], 1)}), {}, "^x column 0: must belong to one task only"),
    ((X, Y, {"one": ([0], 0), "two": ([1], 0)}), {}, "^y column 0: must belong to one task only"),
    ((X, Y, {"one": ([9], 0)}), {}, "^task one: x has no column 9; it has 0, 1, 2, 3, 4"),
    ((FRAME[["a"]], Y[:, 0], {"one": ("z", 0)}), {}, "^task one: x has no column 'z'; it has 'a'"),
    ((X, Y, {"one": [0]}), {}, "^task one: must be .columns of x, columns of y."),
    ((X, Y, {"one": ([], 0)}), {}, "^task one: must have a column of x"),
    ((X, Y, "one"), {}, "^tasks must be"),
    ((X, Y[:, 0], {"a b": ([0], 0)}), {}, "^task name 'a b'"),
    ((X, np.arange(100) % 3, {"one": ([0], 0, "binary")}), {}, "^task one: a binary task has two labels, not 3"),
    ((X, X[:, :2], {"one": ([0], [0, 1], "classes")}), {}, "^task one: kind classes: must be one column of labels"),
    ((X, Y[:, 0], {"one": ([0], 0, "yesno")}), {}, "^task one: kind 'yesno' must be one of binary, classes, values"),
    ((X, Y, TASKS), {"split": (0.5, 0.5)}, "^split="),
    ((X, Y, TASKS), {"split": (0.5, 0.4, 0.2)}, "^split="),
    ((X, Y, TASKS), {"split": (90, 10, 10)}, "^split="),
    ((X[:2], [0, 1]), {}, "^split=.*too few"),
    ((X, Y, TASKS), {"seed": -1}, "^seed=-1"),
    ((X, Y, TASKS), {"val": (X, Y)}, "^val and test must both be given"),
    ((X, Y, TASKS), {"val": X, "test": (X, Y)}, "^val must be a pair"),
    ((X, Y, TASKS), {"val": (X[:, :2], Y), "test": (X, Y)}, "^val x must have the columns of x"),
]


@pytest.mark.parametrize(("given", "options", "said"), BAD, ids=[said for *_, said in BAD])
def test_what_cannot_be_is_refused_in_one_line(given: tuple, options: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        from_arrays(*given, **options)
    assert "\n" not in str(refused.value)


def test_a_file_keeps_it_and_says_what_to_type(tmp_path: Path) -> None:
    data, path = Dataset.from_arrays(X, Y, TASKS, name="mine"), tmp_path / "mine.safetensors"
    typed = dict(word.split("=", 1) for word in data.save(path))
    assert typed["dataset"] == "arrays"
    found = stored.build(typed["dataset.arrays"], typed["dataset.digest"])
    assert same(data, found)
    assert (found.tasks, found.name) == (data.tasks, "mine")
    assert stored.digest_of(found) == typed["dataset.digest"] != stored.digest_of(Dataset.from_arrays(X, Y))


def test_a_file_that_is_not_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    words = Dataset.from_arrays(X, Y, TASKS).save(path)
    digest = words[-1].partition("=")[2]
    for arrays, asked, said in (
        (None, digest, "arrays=None: must be the file"),
        (str(path), None, f"digest=None: must be said; that of {path} is {digest}"),
        (str(path), "0" * 32, "must be the file with the digest 000"),
        (str(tmp_path / "none"), digest, "must be a dataset's file .No such file"),
        (str(tmp_path), digest, "must be a dataset's file .Is a directory"),
    ):
        with pytest.raises(ValueError, match=said):
            stored.build(arrays, asked)
    content = path.read_bytes()
    for broken in (content[:-1], content[:100], b"", content.replace(b'"binary', b'"Binary')):
        path.write_bytes(broken)
        with pytest.raises(ValueError, match="must be a dataset's file, whole"):
            stored.build(str(path), digest)


def test_one_in_memory_needs_no_file() -> None:
    data = Dataset.from_arrays(X, Y, TASKS)
    digest = stored.hold(data)
    assert stored.build(None, digest) is data
    del data
    with pytest.raises(ValueError, match="arrays=None"):
        stored.build(None, digest)
