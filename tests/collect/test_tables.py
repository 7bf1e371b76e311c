"""The tables made of run folders: their values against the tickets, their bytes, and the way back."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import lth.collect.null
import lth.collect.seeds
import tests.synthetic_run
from lth.collect import CollectError, collect, read
from lth.collect.reading import path_of
from lth.collect.tables import pack
from lth.controls import table as controls
from lth.results import table as results
from lth.ticket import State, Ticket, analyse, file, load
from lth.ticket.null import generator, random_masks, rewired_masks
from tests.collect.conftest import Make
from tests.synthetic_run import KEEPS, STATUSES


def tickets(folder: Path, seed: int) -> list[Ticket]:
    return [load(file.path_of(folder, seed, level)) for level in range(len(KEEPS))]


def of_seed(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    return table[table["seed"] == seed].reset_index(drop=True)


def test_levels_are_those_of_results(make: Make, tmp_path: Path) -> None:
    for hidden in (8, 10):
        make("sweep", hidden)
    table = collect(tmp_path / "sweep", "extension", ["levels"])["levels"]
    expected = results.load(tmp_path / "sweep").sort_values(["model.hidden", "seed", "level"], ignore_index=True)
    assert set(table.columns) < set(expected.columns), "a collected table has the keys of its grid alone"
    expected = expected[table.columns]
    assert table["status"].tolist() == list(STATUSES) * 4
    for name in map(str, expected):
        known = expected[name].notna()
        assert table[name].notna().tolist() == known.tolist()
        left, right = table[name][known].tolist(), expected[name][known].tolist()
        assert left == (pytest.approx(right, rel=1e-7) if expected[name].dtype.kind == "f" else right)


def test_null_shares_are_those_of_the_draws_one_by_one(make: Make, tmp_path: Path) -> None:
    folder = make("sweep", 8)
    table = of_seed(collect(tmp_path / "sweep", "extension", ["null"], draws=20)["null"], 1)
    assert table["level"].tolist() == list(range(len(KEEPS)))
    assert table["draws"].tolist() == [20] * len(KEEPS)
    degraded = 0.0
    for level, ticket in enumerate(tickets(folder, 1)):
        for model, draw in (("random", random_masks), ("rewired", rewired_masks)):
            draws = draw(ticket.masks, 20, generator(1, level, "random" if model == "random" else "rewired"))
            one_by_one = [analyse(draws.masks(n), ticket.tasks, cut_limit=0).status for n in range(20)]
            for status in ("separated", "degraded", "interconnected", "fragmented"):
                share = one_by_one.count(status) / 20
                assert table.loc[level, f"{model}_{status}"] == pytest.approx(share)
            degraded += one_by_one.count("degraded") / 20
    assert 0 < degraded < 8


def test_large_tickets_have_no_draws_but_the_first_separated_one(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lth.collect.null, "LIMIT", 5)
    monkeypatch.setattr(tests.synthetic_run, "STATUSES", ("interconnected", "separated", "separated", "separated"))
    make("sweep", 8)
    table = of_seed(collect(tmp_path / "sweep", "extension", ["null"], draws=3)["null"], 0)
    assert table["draws"].notna().tolist() == [False, True, False, False]
    assert table["random_degraded"].notna().tolist() == [False, True, False, False]


def test_a_seed_without_draws_stands_beside_one_that_has_some(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make("sweep", 8, (0, 1, 2, 3))
    fewest = [
        min(sum(int(mask.sum()) for mask in ticket.masks) for ticket in tickets(folder, seed)) for seed in range(4)
    ]
    assert len(set(fewest)) > 1
    monkeypatch.setattr(lth.collect.null, "LIMIT", min(fewest))
    monkeypatch.setattr(lth.collect.null, "LIMIT_SEPARATED", 0)
    table = collect(tmp_path / "sweep", "extension", ["null"], draws=3)["null"]
    drawn = table["draws"].notna().groupby(table["seed"]).sum()
    assert drawn.tolist() == [int(count == min(fewest)) for count in fewest]


def test_inputs_count_the_weights_that_start_there(make: Make, tmp_path: Path) -> None:
    folder = make("sweep", 8, range(6))
    table = collect(tmp_path / "sweep", "noise-inputs", ["inputs"], draws=400)["inputs"]
    assert (table["active_edges"] < table["edges"]).any()
    for ticket in (one for seed in range(6) for one in tickets(folder, seed)):
        rows = table[(table["level"] == ticket.level) & (table["seed"] == ticket.seed)]
        states = analyse(ticket.masks, ticket.tasks, cut_limit=0).weights[0]
        assert rows["input"].tolist() == [0, 1, 2, 3]
        assert rows["task"].tolist() == ["moons", "moons", "circles", "circles"]
        assert rows["edges"].tolist() == ticket.masks[0].sum(axis=0).tolist()
        assert rows["active_edges"].tolist() == (states == State.ACTIVE).sum(axis=0).tolist()
        assert rows["null_active_edges"].nunique() == 1
        assert rows["null_active_edges"].iloc[0] <= ticket.masks[0].sum() / 4 + 1e-6
    first = table[table["level"] == 0]
    assert (first["null_active_edges"] == 5).all()


def test_neurons_are_as_many_as_the_levels_say(make: Make, tmp_path: Path) -> None:
    folder = make("sweep", 8)
    table = collect(tmp_path / "sweep", "zombies", ["neurons"])["neurons"]
    for seed in (0, 1):
        spells = of_seed(table, seed)
        died = spells["died"].fillna(len(KEEPS))
        for level, ticket in enumerate(tickets(folder, seed)):
            now = spells[(spells["born"] <= level) & (level < died)]
            found = analyse(ticket.masks, ticket.tasks, cut_limit=0).columns()
            counts = now["state"].value_counts()
            assert [counts.get("inactive", 0), counts.get("zombie", 0)] == [
                found["inactive_neurons"],
                found["zombie_neurons"],
            ]
    assert len(table)


def test_weights_follow_the_survivors_through_every_level(make: Make, tmp_path: Path) -> None:
    folder = make("sweep", 8)
    table = of_seed(collect(tmp_path / "sweep", "weights", ["weights"])["weights"], 1)
    chain = tickets(folder, 1)
    assert len(table) == sum(int(mask.sum()) for mask in chain[-1].masks) * len(KEEPS) > 0
    for row in table.to_dict("records"):
        layer, level, place = row["layer"], row["level"], (row["end"], row["start"])
        assert chain[-1].masks[layer][place]
        assert row["anchor"] == chain[level].anchors[layer][place]
        assert row["trained"] == chain[level].weights[layer][place]


def test_controls_are_gathered_and_stale_ones_named(make: Make, tmp_path: Path) -> None:
    folders = [make("sweep", hidden) for hidden in (8, 10, 13, 16)]
    tasks = ("moons", "circles")
    measured: dict[Any, Any] = results.load(folders[0]).iloc[0].to_dict()
    rows = [controls.row_of(measured, tasks, control=name, separated=True) for name in ("ticket", "dense")]
    controls.write(folders[0], rows, tasks, "hash")
    controls.write(folders[1], rows, tasks, "another hash")
    (folders[2] / "controls.parquet").write_bytes(b"broken")
    table = collect(tmp_path / "sweep", "lottery", ["controls"])["controls"]
    assert table[["model.hidden", "seed", "control"]].to_numpy().tolist() == [[8, 0, "dense"], [8, 0, "ticket"]]
    assert list(table.columns[:3]) == ["run", "model.hidden", "seed"]
    assert table["test_loss_moons"].iloc[0] == pytest.approx(measured["test_loss_moons"])
    assert [fault.partition(":")[0] for fault in table.attrs["faults"]] == [
        "model.hidden=10/controls.parquet",
        "model.hidden=13/controls.parquet",
    ]


def test_no_controls_no_table(make: Make, tmp_path: Path) -> None:
    make("sweep", 8)
    assert list(collect(tmp_path / "sweep", "weights", draws=1)) == ["levels", "null", "weights"]
    assert list(collect(tmp_path / "sweep", "how", draws=1)) == ["levels", "null"]


def test_a_broken_ticket_ends_its_seed_and_is_named(make: Make, tmp_path: Path) -> None:
    folder = make("sweep", 8)
    file.path_of(folder, 0, 2).write_bytes(b"broken")
    file.path_of(folder, 1, 1).unlink()
    table = collect(tmp_path / "sweep", "extension", ["null"], draws=1)["null"]
    assert table[["seed", "level"]].to_numpy().tolist() == [[0, 0], [0, 1], [1, 0]]
    assert len(table.attrs["faults"]) == 1
    assert table.attrs["faults"][0].startswith("model.hidden=8/tickets/seed=0/level=02.safetensors: ")


def test_equal_runs_give_equal_bytes_in_any_order(make: Make, tmp_path: Path) -> None:
    for top, seeds in (("a", (0, 1)), ("b", (2,))):
        for hidden in (10, 8):
            make(top, hidden, seeds)
        (tmp_path / top / f"queued-{top}" / ".hydra").mkdir(parents=True)
    tops = [tmp_path / "a", tmp_path / "b"]
    one, other = (collect(order, "weights", draws=5) for order in (tops, tops[::-1]))
    assert {name: pack(table) for name, table in one.items()} == {name: pack(table) for name, table in other.items()}


@pytest.mark.parametrize("name", ["weights", "zombies", "noise-inputs"])
def test_what_is_stored_is_what_was_collected(make: Make, tmp_path: Path, name: str) -> None:
    make("sweep", 8)
    made = collect(tmp_path / "sweep", name, draws=4)
    for table, frame in made.items():
        path_of(tmp_path, name, table).write_bytes(pack(frame))
    stored, fresh = read(tmp_path, name), read(tmp_path / "sweep", name, draws=4)
    assert set(stored) == set(made)
    assert set(stored) <= set(fresh)
    for table, frame in made.items():
        assert_frame_equal(stored[table], frame)
        assert_frame_equal(fresh[table], frame)
        assert stored[table].attrs == frame.attrs == fresh[table].attrs
    assert stored.get("controls") is None
    with pytest.raises(KeyError):
        stored["controls"]


def test_a_stored_table_that_is_broken_is_named(tmp_path: Path) -> None:
    path_of(tmp_path, "how", "levels").write_bytes(b"broken")
    with pytest.raises(CollectError, match=r"how\.levels\.parquet: cannot be read"):
        read(tmp_path, "how")["levels"]


def test_processes_give_the_same_tables(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for hidden in (8, 10):
        folder = make("sweep", hidden)
    file.path_of(folder, 1, 2).write_bytes(b"broken")
    alone = collect(tmp_path / "sweep", "extension", ["null"], draws=5, workers=2)["null"]
    monkeypatch.setattr(lth.collect.seeds, "_FEW", 0)
    used: list[Any] = []
    pool = lth.collect.seeds.ProcessPoolExecutor
    monkeypatch.setattr(lth.collect.seeds, "ProcessPoolExecutor", lambda *a, **k: used.append(a) or pool(*a, **k))
    together = collect(tmp_path / "sweep", "extension", ["null"], draws=5, workers=2)["null"]
    assert used == [(2,)]
    assert_frame_equal(alone, together)
    assert alone.attrs["faults"] == together.attrs["faults"] != []


def test_floats_of_their_own_are_single_and_keys_are_not(make: Make, tmp_path: Path) -> None:
    for noise in (0.1, 0.3):
        make("sweep", 8, choices={"dataset.noise": noise}, dataset={"noise": noise})
    table = collect(tmp_path / "sweep", "noise-free", ["levels"])["levels"]
    assert set(table["dataset.noise"]) == {0.1, 0.3}
    assert table["val_loss"].dtype == np.float32
    assert {table[name].dtype for name in ("seed", "level")} == {np.dtype("int64")}


def test_courses_are_those_of_each_ticket_s_epochs_against_the_dense_level(make: Make, tmp_path: Path) -> None:
    folder = make("sweep", 8)
    table = collect(tmp_path / "sweep", "extension", ["courses"])["courses"]
    assert len(table) == 2 * len(KEEPS)
    for seed in (0, 1):
        found = tickets(folder, seed)
        target = found[0].row["val_accuracy"]
        for (_, row), ticket in zip(of_seed(table, seed).iterrows(), found, strict=True):
            assert row["epochs_best"] == 1 + int(ticket.epochs[:, 1].argmin())
            for name, share in (("epochs_dense", 1), ("epochs_99", 0.99)):
                there = np.flatnonzero(ticket.epochs[:, 2] >= share * target)
                assert row[name] is pd.NA if not len(there) else row[name] == there[0] + 1
            if not ticket.level:
                assert row[["wins_best", "wins_dense", "wins_99"]].isna().all()
    assert table["wins_99"].notna().sum() == 2 * (len(KEEPS) - 1)
