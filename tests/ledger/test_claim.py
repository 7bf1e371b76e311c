"""A claim that cannot be examined is open and says why."""

from pathlib import Path

import pandas as pd
import pytest

from lth.collect import Missing, Shelf
from lth.ledger.claim import Claim, Finding, verdict


def test_a_shelf_says_what_it_lacks(tmp_path: Path) -> None:
    pd.DataFrame({"run": []}).to_parquet(tmp_path / "how.levels.parquet")
    shelf = Shelf(tmp_path)
    with pytest.raises(Missing, match=r"^lottery is not measured$"):
        shelf.table("lottery")
    with pytest.raises(Missing, match=r"^lottery: no table controls$"):
        shelf.table("lottery", "controls")
    with pytest.raises(Missing, match=r"^how: table levels is empty$"):
        shelf.table("how")


def test_a_claim_without_its_table_is_open(tmp_path: Path) -> None:
    def examined(shelf: Shelf) -> Finding:
        return Finding(str(len(shelf.table("levels"))), "found", "holds")

    claim = Claim("notes", "words", "levels", examined)
    assert claim.examine(Shelf(tmp_path)) == Finding("0", "levels is not measured", "open")
    pd.DataFrame({"run": ["a"]}).to_parquet(tmp_path / "levels.levels.parquet")
    assert claim.examine(Shelf(tmp_path)) == Finding("1", "found", "holds")
    assert claim.command == "make levels"


def test_a_claim_without_its_column_is_open(tmp_path: Path) -> None:
    pd.DataFrame({"run": ["a"]}).to_parquet(tmp_path / "levels.levels.parquet")
    for ask in (lambda table: table["epochs"], lambda table: table.query("epochs > 3")):
        claim = Claim("notes", "words", "levels", lambda shelf, ask=ask: ask(shelf.table("levels")))
        assert claim.examine(Shelf(tmp_path)).verdict == "open"
        assert "epochs" in claim.examine(Shelf(tmp_path)).figure


@pytest.mark.parametrize(
    ("holds", "fails", "word"), [(True, False, "holds"), (False, True, "does not"), (False, False, "open")]
)
def test_verdicts(holds: bool, fails: bool, word: str) -> None:
    assert verdict(holds, fails) == word
