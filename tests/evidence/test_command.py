"""`python -m lth.evidence`: what it prints and writes, and what it refuses in a line."""

from pathlib import Path

import pandas as pd
import pytest

from lth.collect.reading import path_of
from lth.collect.tables import pack
from lth.evidence.__main__ import main
from tests.evidence import test_backward, test_bridge


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tables = {("backward", "levels"): test_backward.made(), ("bridge", "controls"): test_bridge.made()}
    for (experiment, name), table in tables.items():
        path_of(tmp_path, experiment, name).write_bytes(pack(table))
    return tmp_path


def test_tables_are_printed_and_written_as_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backward", str(folder), "--to", str(folder / "told")]) == 0
    said = capsys.readouterr().out
    assert "gaps\n" in said
    assert "untrained" in said
    written = pd.read_csv(folder / "told" / "backward.against.csv")
    assert written["difference"].tolist() == [1, 1]
    assert main(["bridge", str(folder)]) == 0
    assert "bridge - within" in capsys.readouterr().out
    assert not (folder / "told" / "bridge.contrasts.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["winning", "--experiment", "nothing"], "no experiment 'nothing'"),
        (["winning", "--experiment", "bridge"], "no table levels"),
        (["forecast", "--experiment", "backward"], "the tables of backward have no column cut"),
    ],
)
def test_what_cannot_be_told_is_refused_in_a_line(
    folder: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([arguments[0], str(folder), *arguments[1:]]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lth.evidence: ")
    assert told in line
