"""What says the same is one configuration: equal numbers, an option left out and its default."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth.command.run import start
from lth.jobs.plan import prepare
from lth.results import table as results
from lth.settings.same import canonical, text_of, without_defaults
from tests.configured import SMALL, composed
from tests.in_this_process import InThisProcess

SAME = [
    ("dataset.factor=0", "dataset.factor=0.0"),
    ("dataset.factor=0", "dataset.factor=-0.0"),
    ("dataset.factor=1e-3", "dataset.factor=.001"),
    ("dataset.noise=0", "dataset.noise=0.0"),
    ("trainer.loss_cutoff=0", "trainer.loss_cutoff=0.0"),
    ("dataset.factor=.35", "~dataset.factor"),
    ("dataset.noise_inputs=0", "~dataset.noise_inputs"),
    ("dataset.n_train=1000", "~dataset.n_train"),
    ("+optimizer.eps=1e-8", "optimizer.lr=1e-3"),
    ("+optimizer.betas=[.9,.999]", "optimizer.lr=.001"),
    ("+optimizer.weight_decay=0", "+optimizer.weight_decay=0.0"),
    ("+optimizer.weight_decay=0", "optimizer.lr=.001"),
    ("+optimizer.amsgrad=false", "optimizer.lr=.001"),
    ("optimizer.fused=null", "~optimizer.fused"),
    ("optimizer=sgd +optimizer.dampening=0", "optimizer=sgd"),
    ("optimizer=sgd ~optimizer.momentum", "optimizer=sgd optimizer.momentum=0"),
    ("model.hidden=[6,6]", "model.hidden=6"),
    ("seed=0", "seed=3..5"),
]
DIFFERENT = [
    ("dataset.factor=.35", "dataset.factor=.3"),
    ("dataset.factor=0", "~dataset.factor"),
    ("optimizer.fused=true", "~optimizer.fused"),
    ("optimizer.fused=true", "optimizer.fused=false"),
    ("+optimizer.eps=1e-7", "optimizer.lr=1e-3"),
    ("+optimizer.maximize=true", "optimizer.lr=1e-3"),
    ("optimizer=adam", "optimizer=adamw"),
    ("optimizer=adam +optimizer.weight_decay=.01", "optimizer=adamw"),
    ("pruning/rewind=late pruning.rewind.step=1", "pruning/rewind=late pruning.rewind.step=2"),
]


def hash_of(overrides: str) -> str:
    return prepare(composed(*overrides.split()), Path()).config_hash


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_says_the_same_is_the_same_configuration(one: str, other: str) -> None:
    assert hash_of(one) == hash_of(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_says_something_else_is_another(one: str, other: str) -> None:
    assert hash_of(one) != hash_of(other)


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def as_floats(value: object) -> object:
    """The same value, every integer in it a float."""
    if isinstance(value, list):
        return [as_floats(item) for item in value]
    if isinstance(value, dict):
        return {key: as_floats(item) for key, item in value.items()}
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(_PLAIN)
def test_equal_numbers_are_alike_and_nothing_else(value: object) -> None:
    assert text_of(value) == text_of(as_floats(value))
    assert canonical(canonical(value)) == canonical(value) == value
    assert text_of(True) != text_of(1) != text_of("1")


def cup(a: int, b: float = 2.0, c: tuple[int, ...] = (1, 2), d: object = None) -> None:
    """Stands for something that a configuration names."""


def test_defaults_are_left_out_at_any_depth() -> None:
    known = {"cup": cup}
    inner = {"_target_": "cup", "a": 2, "b": 2, "c": [1, 2.0], "d": {"_target_": "cup", "a": 1, "b": 3, "d": None}}
    left = {"_target_": "cup", "a": 2, "d": {"_target_": "cup", "a": 1, "b": 3}}
    assert without_defaults({"x": [inner]}, known.__getitem__) == {"x": [left]}
    strange = {"_target_": "no.such.thing", "a": 1}
    assert without_defaults(strange, known.__getitem__) == strange


def test_such_runs_share_a_folder_and_are_pooled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.jobs.execution.Pool", InThisProcess)
    written = {"a": ["dataset.factor=0", "seed=0"], "b": ["dataset.factor=0.0", "+optimizer.eps=1e-8", "seed=1"]}
    for name, overrides in written.items():
        assert start([*SMALL, *overrides, f"hydra.run.dir={tmp_path / name}"]) == 0
    assert start([*SMALL, "dataset.factor=0.0", "seed=0", f"hydra.run.dir={tmp_path / 'a'}"]) == 0
    table = results.tabulate(results.runs(tmp_path))
    assert table["n"].tolist() == [2]
    assert results.runs(tmp_path).attrs["keys"] == []
