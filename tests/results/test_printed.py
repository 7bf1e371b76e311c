"""What the command prints and writes: as much as there is room for, and what it leaves out."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from lth.results.command import main
from lth.results.printed import columns_of, fitted
from lth.results.table import runs, tabulate
from tests.synthetic_run import header, record_run


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


def test_values_in_brackets_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, value in enumerate(("[bold]", "[moons]")):
        config = {"seed": [0], "dataset": {"[part]": value}}
        record_run(tmp_path / str(place), header((0,), config=config, config_hash=f"h{place}"), ticket=False)
    assert main([str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    for part in ("[part]", "[bold]", "[moons]"):
        assert part in shown


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
