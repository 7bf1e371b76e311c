"""A claim that cannot be examined is open and says why."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from pandas.errors import UndefinedVariableError

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
        return Finding(str(len(shelf.table("levels"))), "found", "supported")

    claim = Claim("notes", "words", "levels", examined)
    assert claim.examine(Shelf(tmp_path)) == Finding("0", "levels is not measured", "open")
    pd.DataFrame({"run": ["a"]}).to_parquet(tmp_path / "levels.levels.parquet")
    assert claim.examine(Shelf(tmp_path)) == Finding("1", "found", "supported")
    assert claim.command == "make levels"


@pytest.mark.parametrize(
    "ask",
    [
        lambda shelf: shelf.table("levels")["epochs"],
        lambda shelf: shelf.table("levels").query("epochs > 3"),
        lambda shelf: shelf.table("levles"),
        lambda shelf: shelf.table("levels", "nulls"),
    ],
)
def test_a_wrong_name_in_a_test_is_no_open_claim(tmp_path: Path, ask: Callable[[Shelf], Finding]) -> None:
    pd.DataFrame({"run": ["a"]}).to_parquet(tmp_path / "levels.levels.parquet")
    with pytest.raises((KeyError, UndefinedVariableError)):
        Claim("notes", "words", "levels", ask).examine(Shelf(tmp_path))


@pytest.mark.parametrize(
    ("holds", "fails", "word"), [(True, False, "supported"), (False, True, "contradicted"), (False, False, "open")]
)
def test_verdicts(holds: bool, fails: bool, word: str) -> None:
    assert verdict(holds, fails) == word
