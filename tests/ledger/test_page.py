"""The page: a row for every claim, the same bytes every time, one line for what is wrong."""

import re
from pathlib import Path

import pytest
from claimed import Shelved, ladder

from lth.collect import Shelf
from lth.collect.experiments import known
from lth.ledger.__main__ import main
from lth.ledger.experiments import EXPERIMENTS
from lth.ledger.page import CLAIMS, SOURCES, page

ROOT = Path(__file__).resolve().parents[2]


def test_every_experiment_of_the_configuration_is_on_the_page() -> None:
    assert set(EXPERIMENTS) == set(known())


def test_claims_name_experiments_that_exist() -> None:
    assert {claim.experiment for claim in CLAIMS} <= set(EXPERIMENTS)
    assert all(claim.command == EXPERIMENTS[claim.experiment].command for claim in CLAIMS)


def test_every_source_has_claims_and_none_is_said_twice() -> None:
    assert {claim.source for claim in CLAIMS} == set(SOURCES)
    said = [(claim.source, claim.words) for claim in CLAIMS]
    assert len(said) == len(set(said)) > 20


def test_without_tables_all_but_the_exact_claims_are_open(tmp_path: Path) -> None:
    found = [claim.examine(Shelf(tmp_path)) for claim in CLAIMS]
    assert {finding.n for finding in found if finding.verdict != "open"} == {"exact", "26 sizes"}
    assert all(finding.figure for finding in found)


def test_tables_are_whole_and_bytes_repeat(shelved: Shelved) -> None:
    shelf = shelved(extension=ladder(lambda rung, seed: rung > 8))
    first = page(shelf, ["extension-1-outcomes.png", "extension-outcomes.png"])
    assert first == page(Shelf(shelf.folder), ["extension-1-outcomes.png", "extension-outcomes.png"])
    for block in re.findall(r"(?:^\|.*\n)+", first, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    rows = re.findall(r"^\| (\d+) \|", first, flags=re.MULTILINE)
    assert rows == [str(number) for number in range(1, len(CLAIMS) + 1)]
    assert first.index("### extension\n") < first.index("figures/extension-outcomes.png")
    assert first.index("### extension-1\n") < first.index("figures/extension-1-outcomes.png")


def test_command(shelved: Shelved, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    shelf = shelved(extension=ladder(lambda rung, seed: rung > 8))
    assert main([str(shelf.folder), "--to", str(tmp_path / "docs")]) == 0
    assert (tmp_path / "docs/results.md").read_text() == page(Shelf(shelf.folder), [])
    (tmp_path / "file").touch()
    assert main([str(shelf.folder), "--to", str(tmp_path / "file/docs")]) == 2
    assert "cannot write" in capsys.readouterr().err.splitlines()[-1]


def test_the_committed_page_is_that_of_the_committed_tables() -> None:
    pictures = sorted(path.name for path in (ROOT / "docs/figures").glob("*.png"))
    assert (ROOT / "docs/results.md").read_text() == page(Shelf(ROOT / "docs/tables"), pictures)


def test_no_claim_lacks_a_column_of_the_committed_tables() -> None:
    shelf = Shelf(ROOT / "docs/tables")
    assert [claim.words for claim in CLAIMS if " lacks " in claim.examine(shelf).figure] == []
