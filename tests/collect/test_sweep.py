"""Which run folders make one sweep, under which keys, and what is said of those that are not whole."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from lth.collect import CollectError, collect
from lth.collect.tables import pack
from lth.record.recorder import Recorder
from lth.training.messages import SeedFailed
from tests.collect.conftest import Make
from tests.synthetic_run import finish_level, header


def test_keys_of_the_grid_are_columns_even_where_one_value_is_there(make: Make, tmp_path: Path) -> None:
    make("sweep", 8)
    table = collect(tmp_path / "sweep", "extension", ["levels"])["levels"]
    assert table.attrs["keys"] == ["model.hidden"]
    assert list(table.columns[:3]) == ["run", "model.hidden", "seed"]
    assert set(table["model.hidden"]) == {8}


def test_other_keys_that_vary_are_columns_too_but_not_where_it_ran(make: Make, tmp_path: Path) -> None:
    make("sweep", 8, optimizer={"lr": 0.1}, trainer={"workers": 1})
    make("sweep", 10, optimizer={"lr": 0.2}, trainer={"workers": 2})
    table = collect(tmp_path / "sweep", "extension", ["levels"])["levels"]
    assert table.attrs["keys"] == ["model.hidden", "optimizer.lr"]


def test_a_key_that_an_earlier_version_did_not_have_does_not_vary(make: Make, tmp_path: Path) -> None:
    make("sweep", 8, ticket={"cut_limit": 5})
    make("sweep", 10, ticket={"cut_limit": 5, "degrade_on": "both"})
    assert collect(tmp_path / "sweep", "extension", ["levels"])["levels"].attrs["keys"] == ["model.hidden"]


def test_a_group_is_one_column_of_choices(make: Make, tmp_path: Path) -> None:
    for name, rule in (("magnitude", "Magnitude"), ("random", "Random")):
        pruning = {"criterion": {"_target_": f"lth.method.criterion.{rule}", "bias": rule}}
        make("sweep", 8, choices={"pruning/criterion": name}, pruning=pruning)
    table = collect(tmp_path / "sweep", "null-models", ["levels"])["levels"]
    assert table.attrs["keys"] == ["pruning/criterion", "model.hidden"]
    assert set(table["pruning/criterion"]) == {"magnitude", "random"}


def test_lists_are_text_and_stand_behind_numbers(make: Make, tmp_path: Path) -> None:
    for hidden in ([300, 100], 16, 8):
        make("sweep", hidden)
    table = collect(tmp_path / "sweep", "mnist", ["levels"])["levels"]
    assert table["model.hidden"].drop_duplicates().tolist() == ["8", "16", "[300, 100]"]
    assert pd.read_parquet(io.BytesIO(pack(table)))["model.hidden"].nunique() == 3


def test_seeds_of_two_folders_are_joined_in_order(make: Make, tmp_path: Path) -> None:
    for top, seeds in (("low", (0, 1)), ("high", (2, 10))):
        for hidden in (8, 10):
            make(top, hidden, seeds)
    tops = [tmp_path / "low", tmp_path / "high"]
    table = collect(tops, "extension", ["levels"])["levels"]
    found = table.drop_duplicates(["model.hidden", "seed"])[["model.hidden", "seed"]].to_numpy().tolist()
    assert found == [[hidden, seed] for hidden in (8, 10) for seed in (0, 1, 2, 10)]
    assert set(table["run"]) == {"model.hidden=8", "model.hidden=10"}
    assert (table.attrs["provenance"]["stacks"], table.attrs["provenance"]["runs"]) == (4, 8)


def test_runs_of_one_name_and_seed_are_told_apart(make: Make, tmp_path: Path) -> None:
    make("a", 8).rename(tmp_path / "a" / "0")
    make("b", 10).rename(tmp_path / "b" / "0")
    table = collect([tmp_path / "a", tmp_path / "b"], "extension", ["levels"])["levels"]
    assert table.groupby("run")["model.hidden"].unique().map(list).to_dict() == {"a/0": [8], "b/0": [10]}


def test_a_seed_that_is_there_twice_is_refused(make: Make, tmp_path: Path) -> None:
    make("a", 8, (0, 1))
    make("b", 8, (1, 2))
    with pytest.raises(CollectError, match=r"b/model\.hidden=8: seed 1 .* is in .*a/model\.hidden=8 too"):
        collect([tmp_path / "a", tmp_path / "b"], "extension")


def test_failed_and_unfinished_seeds_are_there_as_far_as_they_got_and_named(make: Make, tmp_path: Path) -> None:
    make("sweep", 8)
    config = {"seed": [0, 1], "model": {"hidden": 10, "depth": 2}}
    half = Recorder(tmp_path / "sweep" / "half", header(config=config))
    half.level(finish_level(tmp_path / "sweep" / "half", 0, 0))
    half.failed(SeedFailed(1, 0, 9, "validation loss is inf"))
    half.close("failed")
    (tmp_path / "sweep" / "queued" / ".hydra").mkdir(parents=True)
    tables = collect(tmp_path / "sweep", "zombies")
    for table in tables.values():
        assert table.attrs["excluded"] == [
            "half seed 0: failed, levels done: 1",
            "half seed 1: failed (level 0, epoch 9: validation loss is inf)",
            "queued: unfinished",
        ]
        assert any("queued" in fault for fault in table.attrs["faults"])
    levels = tables["levels"]
    assert levels.loc[levels["run"] == "half", ["seed", "level"]].to_numpy().tolist() == [[0, 0]]
    assert set(levels.loc[levels["run"] == "half", "state"]) != {"finished"}


def test_nothing_of_the_machine_is_in_a_table(make: Make, tmp_path: Path) -> None:
    folder = make("sweep", 8)
    (folder / "tickets" / "seed=1" / "level=02.safetensors").write_bytes(b"broken")
    (folder / "levels.parquet").unlink()
    for table in collect(tmp_path / "sweep", "weights").values():
        assert table.attrs["faults"]
        assert str(tmp_path) not in json.dumps(table.attrs)
        assert table.attrs["provenance"]["command"] == "make weights"
        assert table.attrs["provenance"]["device"] == "cpu"
        assert set(table.attrs["provenance"]["versions"]) >= {"python", "torch", "lth"}
