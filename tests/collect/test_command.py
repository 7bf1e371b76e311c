"""`python -m lth.collect`: its files, its one line on what is wrong, and what it does not import."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from lth.collect import known
from lth.collect.__main__ import main
from tests.collect.conftest import Make


def test_it_writes_one_file_per_table(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make("sweep", 8)
    (tmp_path / "sweep" / "queued" / ".hydra").mkdir(parents=True)
    assert main(["weights", str(tmp_path / "sweep"), "--to", str(tmp_path / "tables"), "--draws", "3"]) == 0
    files = sorted(path.name for path in (tmp_path / "tables").iterdir())
    assert files == ["weights.levels.parquet", "weights.null.parquet", "weights.weights.parquet"]
    out, err = capsys.readouterr()
    assert [line.split(":")[0] for line in out.splitlines()] == [
        str(tmp_path / "tables" / f"weights.{name}.parquet") for name in ("levels", "null", "weights")
    ]
    assert "8 rows" in out
    assert "excluded: queued: unfinished" in err.splitlines()
    stored = pd.read_parquet(tmp_path / "tables" / "weights.null.parquet")
    assert set(stored["draws"]) == {3}
    assert stored.attrs["table"] == "null"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lotery", "sweep"], ("lotery", "lottery", "zombies")),
        (["lottery", "nowhere"], ("nowhere", "no such folder")),
        (["lottery", "."], ("no run folder",)),
        (["lottery", "sweep", "--tables", "levels,levls"], ("levls", "controls")),
        (["lottery", "sweep", "sweep"], ("seed 0", "too")),
        (["lottery", "sweep", "--to", "sweep/model.hidden=8/summary.json/x"], ("cannot write",)),
    ],
)
def test_one_line_says_what_is_wrong(
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    if "sweep" in arguments:
        make("sweep", 8)
    assert main([*arguments, "--draws", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert all(word in err for word in words)


@pytest.mark.parametrize("draws", ["0", "-1", "x", "1.5"])
def test_draws_are_whole_numbers(draws: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["lottery", "x", f"--draws={draws}"])
    assert stopped.value.code == 2
    assert draws in capsys.readouterr().err


def test_every_experiment_is_known() -> None:
    folder = Path(__file__).resolve().parents[2] / "conf" / "experiment"
    assert known() == sorted(path.stem for path in folder.glob("*.yaml"))
    assert "extension" in known()


def test_nothing_that_trains_is_imported(make: Make, tmp_path: Path) -> None:
    make("sweep", 8)
    code = f"""
import sys
import lth.statistics
from lth.collect.__main__ import main
for name in ("lottery", "zombies", "noise-inputs"):
    assert main([name, {str(tmp_path / "sweep")!r}, "--to", {str(tmp_path)!r}, "--draws", "1"]) == 0
lth.statistics.cox([1, 2, 3, 4], [1, 1, 0, 1], {{"x": [1, 3, 2, 2]}})
heavy = {{"torch", "lightning", "pytorch_lightning", "hydra", "omegaconf", "wandb", "matplotlib.pyplot"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
