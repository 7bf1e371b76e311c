"""lth.results.table: many run folders as one table, whatever state they are in."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from lth.results.command import main
from lth.results.folders import ResultsError, scan
from lth.results.table import load, runs, tabulate
from tests.results.made_sweep import head
from tests.synthetic_run import KEEPS, STATUSES, header, record_run


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
