"""lth.results.table: many run folders as one table, whatever state they are in."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from lth.record.recorder import Recorder
from lth.results.command import main
from lth.results.folders import ResultsError, scan
from lth.results.printed import columns_of, fitted
from lth.results.table import load, runs, tabulate
from lth.training.messages import SeedFailed
from tests.synthetic_run import KEEPS, STATUSES, finish_level, header, record_run


def head(hidden: int, seeds: tuple[int, ...] = (0, 1), **changes: Any) -> Any:
    config = {"seed": list(seeds), "model": {"hidden": hidden, "depth": 2}, "tracking": {"tags": [str(seeds)]}}
    return header(seeds, config=config, config_hash=f"h{hidden}", **changes)


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Two finished stacks (of 8 and 10), one stopped half way, one with a failed seed, and a folder without runs."""
    for number, hidden in enumerate((8, 10)):
        record_run(tmp_path / "sweep" / str(number), head(hidden), ticket=False)
    stopped = Recorder(tmp_path / "sweep" / "2", head(13))
    stopped.level(finish_level(tmp_path, 0, 0, ticket=False))
    stopped.close("stopped")
    failed = Recorder(tmp_path / "sweep" / "10", head(16))
    for level in range(4):
        failed.level(finish_level(tmp_path, 0, level, ticket=False))
    failed.failed(SeedFailed(1, 0, 9, "validation loss is inf"))
    failed.close("failed")
    (tmp_path / "sweep" / "notes").mkdir()
    return tmp_path / "sweep"


def test_load_has_a_row_per_level_and_the_keys_that_vary(sweep: Path) -> None:
    table = load(sweep)
    assert len(table) == 2 * 2 * 4 + 1 + 4
    assert list(table.columns[:6]) == ["run", "configuration", "model.hidden", "model.depth", "state", "outcome"]
    assert table.attrs["keys"] == ["model.hidden"]
    assert not any("tracking" in name for name in table.columns)
    assert table.groupby("run", sort=False)["model.hidden"].first().to_dict() == {"0": 8, "1": 10, "2": 13, "10": 16}
    assert table["status"].tolist()[:4] == list(STATUSES)
    assert table["cut"].dtype == "Int64"
    assert table["cut"].isna().sum() == (table["level"] == 0).sum()
    assert table.attrs["faults"] == []


def test_one_folder_alone_can_be_loaded(sweep: Path) -> None:
    table = load(sweep / "0")
    assert table["run"].unique().tolist() == ["0"]
    assert set(table["outcome"]) == {"separated-degraded"}


def test_runs_name_the_failed_and_the_unfinished(sweep: Path) -> None:
    table = runs(sweep).set_index(["run", "seed"])
    assert table.loc[("2", 0), "state"] == table.loc[("2", 1), "state"] == "unfinished"
    assert table.loc[("10", 1), "failure"] == "level 0, epoch 9: validation loss is inf"
    assert table.loc[("10", 0), "state"] == "finished"


def test_a_row_per_configuration_with_its_interval(sweep: Path) -> None:
    lines = tabulate(runs(sweep)).set_index("model.hidden")
    assert lines["n"].to_dict() == {8: 2, 10: 2, 13: 0, 16: 1}
    low, high = proportion_confint(2, 2, method="wilson")
    found = [lines.loc[8, name] for name in ("separation_rate", "rate_low", "rate_high")]
    assert found == pytest.approx([1.0, low, high], rel=1e-12)
    assert lines.loc[8, "separated-degraded"] == 2
    levels = load(sweep)
    at_separation = levels[(levels["model.hidden"] == 8) & (levels["level"] == 2)]["active_weights"].mean()
    assert lines.loc[8, "active_weights_at_separation"] == at_separation
    assert lines.loc[16, "failed"] == "10 seed 1"
    assert lines.loc[13, "unfinished"] == "2 seed 0, 2 seed 1"
    assert pd.isna(lines.loc[13, "separation_rate"])


def test_configurations_differ_in_any_of_the_keys_that_vary(tmp_path: Path) -> None:
    """Also where the first key that varies is the same, and where all seeds are."""
    cells = [(hidden, rate) for hidden in (8, 10) for rate in (0.1, 0.3, 0.2)]
    for number, (hidden, rate) in enumerate(cells):
        own = {"model": {"hidden": hidden}, "optimizer": {"lr": rate}, "pruning": {"scope": "global"}}
        seeds = tuple(range(number + 1))
        record_run(tmp_path / str(number), header(seeds, config=own, config_hash=f"h{number}"), ticket=False)
    lines = tabulate(runs(tmp_path))
    found = lines[["model.hidden", "optimizer.lr", "n"]].to_dict("split")["data"]
    assert found == [[hidden, rate, cells.index((hidden, rate)) + 1] for hidden, rate in sorted(cells)]


def test_a_seed_in_two_folders_counts_once_and_the_finished_one_counts(sweep: Path) -> None:
    record_run(sweep / "again", head(16), ticket=False)
    record_run(sweep / "more", head(16, seeds=(5, 6, 7)), ticket=False)
    line = tabulate(runs(sweep)).set_index("model.hidden").loc[16]
    assert (line["n"], line["failed"]) == (5, None)


def test_broken_and_half_written_folders_are_named_and_the_rest_is_read(sweep: Path) -> None:
    good = (sweep / "1" / "levels.parquet").read_bytes()
    flipped = bytearray(good)
    flipped[len(good) // 3] ^= 0x10
    (sweep / "1" / "levels.parquet").write_bytes(flipped)
    (sweep / "0" / "levels.parquet").write_bytes(good[: len(good) // 2])
    (sweep / "2" / "summary.json").write_text('{"status": "runn')
    (sweep / "3" / ".hydra").mkdir(parents=True)
    (sweep / "3" / ".hydra" / "config.yaml").write_text("model: {hidden: 99, depth: 2}\nseed: 0..9\n")
    table = load(sweep)
    assert set(table["run"]) == {"2", "10"}
    faults = "\n".join(table.attrs["faults"])
    for name in ("0/levels.parquet", "1/levels.parquet", "2/summary.json", "3/summary.json", "3/levels.parquet"):
        assert str(sweep / name) in faults
    states = runs(sweep).set_index("run")
    assert states.loc["3", "state"] == "unfinished"
    assert states.loc["3", "model.hidden"] == 99


@pytest.mark.parametrize("cut", range(0, 4000, 97))
def test_a_truncated_table_is_never_trusted(cut: int, tmp_path: Path) -> None:
    record_run(tmp_path, head(8, seeds=(0,)), ticket=False)
    path = tmp_path / "levels.parquet"
    path.write_bytes(path.read_bytes()[: -cut - 1])
    assert len(load(tmp_path)) == 0
    assert str(path) in load(tmp_path).attrs["faults"][0]


def test_no_results_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name, reason in (("none", "no such folder"), ("file", "not a folder"), ("empty", "no run folder")):
        with pytest.raises(ResultsError, match=reason):
            scan(tmp_path / name)


def test_the_command_prints_writes_and_exits(sweep: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([str(sweep), "--csv", str(tmp_path / "t.csv"), "--parquet", str(tmp_path / "t.parquet")]) == 0
    shown = capsys.readouterr().out
    assert "1 failed, 2 unfinished (--all): 10 seed 1: level 0, epoch 9: validation" in shown
    assert main([str(sweep), "--all"]) == 0
    every = capsys.readouterr().out
    for line in ("failed: 10 seed 1: level 0, epoch 9: validation loss is inf", "unfinished: 2 seed 0"):
        assert line in every.splitlines()
        assert line not in shown.splitlines()
    assert len(pd.read_csv(tmp_path / "t.csv")) == len(pd.read_parquet(tmp_path / "t.parquet")) == 4
    for arguments in ([str(tmp_path / "none")], [str(sweep), "--csv", str(tmp_path / "no" / "t.csv")]):
        assert main(arguments) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("name", ["dataset.factor=0,optimizer.lr=1e30", "a, b, c", "[abc]"])
def test_a_folder_counts_once_whatever_its_name(
    name: str, sweep: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (sweep / "2").rename(sweep / f"stopped {name}")
    (sweep / "10").rename(sweep / f"failed {name}")
    assert main([str(sweep), "--csv", str(tmp_path / "t.csv")]) == 0
    shown = capsys.readouterr().out
    cells = [line.split() for line in shown.splitlines() if line.strip()[:1].isdigit() and "(--all)" not in line]
    counts = {int(line[0]): line[-2:] for line in cells}
    assert counts == {8: ["0", "0"], 10: ["0", "0"], 13: ["0", "2"], 16: ["1", "0"]}
    assert f"1 failed, 2 unfinished (--all): failed {name} seed" in shown
    table = pd.read_csv(tmp_path / "t.csv").set_index("model.hidden")
    assert table["n_failed"].to_dict() == {8: 0, 10: 0, 13: 0, 16: 1}
    assert table["n_unfinished"].to_dict() == {8: 0, 10: 0, 13: 2, 16: 0}


def test_values_in_brackets_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, value in enumerate(("[bold]", "[moons]")):
        config = {"seed": [0], "dataset": {"[part]": value}}
        record_run(tmp_path / str(place), header((0,), config=config, config_hash=f"h{place}"), ticket=False)
    assert main([str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    for part in ("[part]", "[bold]", "[moons]"):
        assert part in shown


def test_tables_of_two_loads_are_told_apart_and_joined(tmp_path: Path) -> None:
    """Also where nothing varies within either."""
    for name, rate in (("slow", 0.1), ("fast", 0.3)):
        own = {"model": {"hidden": 8}, "optimizer": {"lr": rate}, "tracking": {"tags": [name]}}
        record_run(tmp_path / name / "0", header((0, 1), config=own, config_hash=name), ticket=False)
    slow, fast = load(tmp_path / "slow"), load(tmp_path / "fast")
    assert slow.attrs["keys"] == fast.attrs["keys"] == []
    both = pd.concat([slow, fast])
    assert both.groupby("optimizer.lr").size().to_dict() == {0.1: 8, 0.3: 8}
    assert both["configuration"].nunique() == 2
    joined = slow.merge(fast, on=["model.hidden", "seed", "level"], suffixes=("_slow", "_fast"))
    assert len(joined) == 8
    assert set(joined["optimizer.lr_slow"]) == {0.1}
    table = runs(tmp_path / "slow")
    assert table["optimizer.lr"].tolist() == [0.1, 0.1]


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Three keys that vary, every outcome, seeds that failed."""
    place = tmp_path / "wide"
    for number, (hidden, rate) in enumerate([(8, 0.001), (1310, 0.0001)]):
        penalty = {"_target_": f"lth.penalty.L{number}"}
        own = {"model": {"hidden": hidden}, "optimizer": {"lr": rate}, "penalty": penalty}
        recorder = Recorder(place / str(number), header(range(9), config=own, config_hash=f"h{number}"))
        for seed in range(4):
            for level, status in enumerate([*STATUSES[:2], STATUSES[seed], "degraded" if seed % 2 else STATUSES[seed]]):
                recorder.level(finish_level(place / str(number), seed, level, status=status, ticket=False))
        for seed in range(5, 9):
            recorder.failed(SeedFailed(seed, 0, 9, "the loss is not finite, and this is said at great length"))
        recorder.close("failed")
    return place


@pytest.mark.parametrize("room", [50, 80, 140])
def test_it_fits_the_terminal_and_says_what_it_leaves_out(
    room: int, wide: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(room))
    assert main([str(wide)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert max(map(len, shown)) <= room
    heading = " ".join(shown[:2])
    for part in ("hidden", "lr", "_target_", "rate"):
        assert part in heading
    left_out = [line for line in shown if line.startswith("left out: ")]
    assert len(left_out) == (room < 140)
    assert not left_out or "active at separation" in left_out[0]
    (missing,) = [line for line in shown if "failed" in line and "(--all): " in line]
    assert missing.startswith("10 failed (--all): ")


def test_no_more_is_left_out_than_there_is_no_room_for(wide: Path) -> None:
    table = runs(wide)
    columns = columns_of(tabulate(table), table.attrs["keys"])
    for room in range(20, 150):
        kept, out = fitted(columns, room)
        assert [column for column in columns if column.name not in out] == kept
        width = sum(column.width for column in kept) + 2 * (len(kept) - 1)
        assert width <= room or [column.name for column in kept] == [*table.attrs["keys"], "rate"]
        if out:
            last = next(column for column in columns if column.name == out[-1])
            assert width + 2 + last.width > room


def test_columns_by_name(wide: Path, sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(wide), "--columns", "model.hidden,separation_rate, n_failed"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split() for line in shown[:1] + shown[2:4]] == [
        ["model.hidden", "separation_rate", "n_failed"], ["8", "0.25", "5"], ["1310", "0.25", "5"]
    ]  # fmt: skip
    assert main([str(sweep), "--columns", "model.depth,n"]) == 0, "it does not vary"
    assert capsys.readouterr().out.splitlines()[2].split() == ["2", "2"]
    assert main([str(wide), "--columns", "lr,hidden"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["optimizer.lr", "model.hidden"]
    assert main([str(wide), "--columns", "modelhidden"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("lth.results: --columns=modelhidden: no such; known are model.hidden, ")
    assert "seed" not in said


def test_csv_and_json_on_standard_output_are_all_there_is(wide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(wide), "--csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert main([str(wide), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert main([str(wide), "--json", str(wide / "rows.json")]) == 0
    assert "hidden" in capsys.readouterr().out
    assert json.loads((wide / "rows.json").read_text()) == rows
    assert [row["model.hidden"] for row in rows] == table["model.hidden"].tolist() == [8, 1310]
    assert rows[0]["failed"].startswith("0 seed 4, 0 seed 5")
    assert rows[0]["unfinished"] is None
    assert [row["rate_low"] for row in rows] == pytest.approx(table["rate_low"].tolist())


def test_one_configuration_written_in_two_ways_is_one_row(tmp_path: Path) -> None:
    written = ({}, {"factor": 0, "width": [8, 8]}, {"factor": 0.0, "width": [8.0, 8]})
    for seed, dataset in enumerate(written):
        config = {"seed": [seed], "dataset": dataset}
        record_run(tmp_path / str(seed), header((seed,), config=config, config_hash="one"), ticket=False)
    other = {"seed": [0], "dataset": {"factor": 0.5, "width": [8, 8]}}
    record_run(tmp_path / "other", header((0,), config=other, config_hash="another"), ticket=False)
    table = runs(tmp_path)
    assert table.attrs["keys"] == ["dataset.factor"]
    assert tabulate(table).set_index("dataset.factor")["n"].to_dict() == {0: 3, 0.5: 1}


def test_without_a_summary_equal_numbers_are_one_configuration_too(tmp_path: Path) -> None:
    for name, written in (("a", "0"), ("b", "0.0"), ("c", "false")):
        (tmp_path / name / ".hydra").mkdir(parents=True)
        (tmp_path / name / ".hydra" / "config.yaml").write_text(f"dataset: {{factor: {written}}}\n")
    table = runs(tmp_path)
    assert (
        table["configuration"].tolist()[0] == table["configuration"].tolist()[1] != table["configuration"].tolist()[2]
    )
    assert len(tabulate(table)) == 2


def test_results_need_no_training_libraries(sweep: Path) -> None:
    script = (
        "import sys; from lth.results.command import main; code = main(sys.argv[1:])\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'torch', 'lightning', 'pytorch_lightning', 'hydra', 'omegaconf', 'wandb'}))\n"
        "sys.exit(code)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", script, sweep], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", "[]")


def test_summaries_keep_what_results_read(sweep: Path) -> None:
    summary = json.loads((sweep / "0" / "summary.json").read_text())
    assert summary["levels"] == len(KEEPS) - 1
    assert set(summary["seeds"]["0"]) >= {"state", "outcome", "first_separation", "failure"}
