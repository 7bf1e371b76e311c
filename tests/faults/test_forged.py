"""Forged files: every reader says in one line what is wrong, runs nothing of it, touches nothing else, trains again.

`make test-faults` forges LTH_FORGED=2000 files.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as tensors_of
from safetensors.numpy import save as file_of

from lth.command.run import start
from lth.controls.__main__ import main as control
from lth.controls.recorded import planned
from lth.settings.foreign import named
from lth.ticket import load
from tests.faults import forging
from tests.faults.program import results_of
from tests.faults.readers import Reading, Refilled, Run, read_by, refilling_pool
from tests.in_this_process import InThisProcess

CASES = int(os.environ.get("LTH_FORGED", "120"))
SMALL = ("dataset.n_train=60", "dataset.n_val=60", "dataset.n_test=40", "trainer.max_epochs=3", "tracking=off",
         "trainer.workers=1", "model.hidden=13", "seed=0..1")  # fmt: skip
TICKETS = [f"tickets/seed={seed}/level=0{level}.safetensors" for seed in (0, 1) for level in (0, 1, 2)]
LAST = TICKETS[2]
READ: Counter[str] = Counter()  # which reader, and what it did
forged = settings(
    max_examples=CASES // 4,
    deadline=None,
    database=None,
    derandomize="LTH_FORGED" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run with controls that nobody forged."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        for module in ("lth.jobs.execution", "lth.controls.execute"):
            patch.setattr(f"{module}.Pool", InThisProcess)
        assert start([*SMALL, f"hydra.run.dir={folder}"]) == 0
        assert control([str(folder), "--workers", "1"]) == 0
        for module in ("lth.jobs.execution", "lth.controls.execute"):
            patch.setattr(f"{module}.Pool", refilling_pool)
        patch.setattr("lth.record.picture.png_of", lambda ticket, _="": bytes([load(ticket).level]))
        Refilled.whole = folder
        READ.clear()
        yield Run(folder, planned(folder, named([])), results_of(folder))
        print("\n" + ", ".join(f"{what} {number}" for what, number in sorted(READ.items())))


def check(reader: str, run: Run, file: str, data: bytes, without: str | None = None) -> Reading:
    """What every reading of a forged file has in common."""
    found = read_by(reader, run, file, data, without)
    READ[f"{reader} {'set aside' if found.aside else found.code}"] += 1
    lines = found.err.splitlines()
    assert found.code in (0, 1, 2)
    assert "Traceback" not in found.out + found.err
    assert all(line.isprintable() for line in [*found.out.splitlines(), *lines])
    assert found.code != 2 or len(lines) == 1, lines
    if reader not in ("resume", "start"):
        assert not found.aside, "whoever only reads changes nothing"
        return found
    if reader == "resume":
        assert found.code == 0
    for path, kept in found.aside.items():
        assert Path(path).name.removesuffix(".broken") in found.out
        assert path != f"{file}.broken" or kept == data
    if f"{file}.broken" in found.aside:
        assert found.results == run.results
    return found


@forged
@given(data=st.data())
def test_tickets(run: Run, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(TICKETS))
    made = data.draw(forging.tickets((run.folder / file).read_bytes()))
    check(data.draw(st.sampled_from(("resume", "resume", "show", "graphml", "state_dict", "collect", "controls"))),
          run, file, made)  # fmt: skip


@forged
@given(data=st.data())
def test_summaries(run: Run, data: st.DataObject) -> None:
    made = data.draw(forging.summaries((run.folder / "summary.json").read_bytes()))
    reader = data.draw(st.sampled_from(("resume", "results", "collect", "figures", "controls")))
    check(reader, run, "summary.json", made)


@forged
@given(data=st.data())
def test_tables(run: Run, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(("levels.parquet", "epochs.parquet", "controls.parquet")))
    made = data.draw(forging.tables((run.folder / file).read_bytes()))
    check(data.draw(st.sampled_from(("resume", "results", "collect", "figures", "controls"))), run, file, made)


@forged
@given(data=st.data())
def test_what_hydra_recorded(run: Run, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from((".hydra/config.yaml", ".hydra/hydra.yaml")))
    made = data.draw(forging.yamls((run.folder / file).read_bytes()))
    ours = "config" in file
    reader = data.draw(st.sampled_from(("results", "collect") if ours else ("start", "start", "collect")))
    check(reader, run, file, made, without="summary.json" if ours else None)


# What is put in the place of a ticket's metadata, sealed anew, and a word of the line that says so.
METADATA = {
    "a row that is a number": ("row", "5", "row"),
    "a row that is a text": ("row", '"status"', "row"),
    "a row that is nothing": ("row", "null", "row"),
    "a row that is too deep": ("row", "[" * 100_000, "deep"),
    "a row with a text for a number": ("row", '{"keep": "many"}', "keep"),
    "inputs that are no indices": (
        "tasks", '[{"name": "moons", "inputs": [0.5, 1], "outputs": [0], "kind": "binary"}]', "tasks"),
    "tasks of other inputs": (
        "tasks", '[{"name": "moons", "inputs": [0, 1, 2, 3], "outputs": [0, 1], "kind": "values"}]', "tasks"),
    "another shape": ("shape", "[4, 10, 11, 2]", "not"),
    "a shape that is too deep": ("shape", "[" * 100_000, "deep"),
    "a level that the run lacks": ("level", "9", "level 9"),
    "a seed of 23 digits": ("seed", "9" * 23, "seed"),
}  # fmt: skip


@pytest.mark.parametrize("forgery", METADATA)
def test_a_ticket_s_metadata(run: Run, forgery: str) -> None:
    name, text, word = METADATA[forgery]
    metadata, tensors = _opened(run, LAST)
    _trained_again(run, file_of(tensors, metadata | {name: text}), word)


def _filled(name: str, value: Any, **more: Any) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    return lambda tensors: {**tensors, name: np.full_like(tensors[name], value, **more)}


# What becomes of a ticket's tensors, sealed anew, and a word of the line that says so.
TENSORS: dict[str, tuple[Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]], str]] = {
    "masks that keep all": (_filled("layer0.mask", True), "keep"),
    "masks that keep nothing": (_filled("layer0.mask", False), "pruned"),
    "weights that are no numbers": (_filled("layer0.weight", np.nan), "finite"),
    "an infinite anchor": (_filled("layer1.anchor", np.inf), "finite"),
    "weights where the mask has none": (_filled("layer0.weight", 1), "pruned"),
    "masks that are numbers": (lambda tensors: {**tensors, "layer0.mask": tensors["layer0.weight"]}, "layer0.mask"),
    "half precision": (_filled("layer0.weight", 0, dtype="float16"), "float16"),
    "double precision": (
        lambda tensors: {k: v.astype("float64") if v.dtype == "float32" else v for k, v in tensors.items()}, "float64"),
    "a tensor of no layer": (lambda tensors: {**tensors, "layer-1.mask": tensors["layer0.mask"]}, "layer-1.mask"),
    "a tensor too many": (lambda tensors: {**tensors, "layer0.noise": tensors["layer0.bias"]}, "layer0.noise"),
    "a tensor too few": (lambda tensors: {k: v for k, v in tensors.items() if k != "layer2.bias"}, "layer2.bias"),
    "masks of prunable biases": (
        lambda tensors: tensors | {f"layer{n}.bias_mask": tensors[f"layer{n}.bias"] == 0 for n in range(3)}, "biases"),
    "epochs missing": (lambda tensors: {**tensors, "epochs": tensors["epochs"][:-1]}, "epochs"),
    "the masks of another order": (
        lambda tensors: {
            **tensors,
            **{f"layer{n}.mask": tensors[f"layer{n}.mask"][::-1].copy() for n in range(3)},
            **{f"layer{n}.weight": tensors[f"layer{n}.weight"][::-1].copy() for n in range(3)},
        },
        "level before",
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", TENSORS)
def test_a_ticket_s_tensors(run: Run, forgery: str) -> None:
    change, word = TENSORS[forgery]
    metadata, tensors = _opened(run, LAST)
    _trained_again(run, file_of(change(tensors), metadata), word)


def test_a_type_that_numpy_lacks(run: Run) -> None:
    whole = (run.folder / LAST).read_bytes()
    _trained_again(run, whole.replace(b'"dtype":"F32"', b'"dtype":"XXX"', 1), "not tensors")


# What is put in the place of an entry of summary.json.
ENTRIES = {
    '"failed": []': '"failed": ' + "[" * 100_000,
    '"failure": null': '"failure": "boo"',
    '"levels": 3': '"levels": "many"',
    '"config_hash": "': '"config_hash": [1], "x": "',
    '"0": {': '"' + "9" * 23 + '": {',
    '"id": "': '"id": "*/../../../',
    '"wall_seconds": ': '"wall_seconds": 1e999, "x": ',
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_summary(run: Run, entry: str) -> None:
    whole = (run.folder / "summary.json").read_bytes()
    data = forging.sealed("summary", whole.replace(entry.encode(), ENTRIES[entry].encode(), 1))
    assert data != whole
    found = check("resume", run, "summary.json", data)
    assert found.aside == {"summary.json.broken": data}
    assert "summary.json" in check("results", run, "summary.json", data).out
    assert check("controls", run, "summary.json", data).code == 2


def _opened(run: Run, name: str) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    whole = (run.folder / name).read_bytes()
    header = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])
    return header["__metadata__"], tensors_of(whole)


def _trained_again(run: Run, data: bytes, word: str) -> None:
    data = forging.sealed("ticket", data)
    found = check("resume", run, LAST, data)
    assert found.aside == {f"{LAST}.broken": data}
    assert len([line for line in found.out.splitlines() if Path(LAST).name in line and word in line]) == 1
