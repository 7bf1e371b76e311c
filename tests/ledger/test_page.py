"""The page: a row for every claim, the same bytes every time, one line for what is wrong."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from confirmed import store

from lth.collect import Shelf, known, stored
from lth.ledger import protocol
from lth.ledger.__main__ import main
from lth.ledger.appendix import SOURCES
from lth.ledger.chance import beside_chance
from lth.ledger.confirmed import Kind, kind
from lth.ledger.earlier import AGAIN
from lth.ledger.examine import Examined
from lth.ledger.experiments import EXPERIMENTS
from lth.ledger.findings import FINDINGS, section
from lth.ledger.page import CLAIMS, page, pictures_of
from lth.ledger.rule import rules
from lth.ledger.shared import Runs
from lth.statistics.bootstrap import Estimate

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
    assert {(one.n, one.verdict) for one in found if one.verdict != "open"} == {
        ("exact", "by definition"), ("26 sizes", "by definition")
    }  # fmt: skip
    assert all(finding.figure for finding in found)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The committed tables of one experiment."""
    (tmp_path / "tables").mkdir()
    for path in (ROOT / "docs/tables").glob("extension.*.parquet"):
        shutil.copy(path, tmp_path / "tables")
    return Shelf(tmp_path / "tables")


def test_tables_are_whole_and_bytes_repeat(shelf: Shelf) -> None:
    pictures = ["figures/extension-1-outcomes.png", "figures/extension-outcomes.png"]
    first = page(shelf, pictures)
    assert first == page(Shelf(shelf.folder), pictures)
    for block in re.findall(r"(?:^\|.*\n)+", first, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    rows = re.findall(r"^\| (\d+) \|", first, flags=re.MULTILINE)
    assert rows == [str(number) for number in range(1, len(CLAIMS) + 1)]
    assert first.index("#### extension\n") < first.rindex("figures/extension-outcomes.png")
    assert first.index("#### extension-1\n") < first.rindex("figures/extension-1-outcomes.png")


def test_the_page_opens_with_five_findings_and_has_every_rule(shelf: Shelf) -> None:
    text = page(shelf, [])
    opening, rest = text.split("## Setup and definitions")
    assert len(re.findall(r"^### \d\. ", opening, flags=re.MULTILINE)) == 5
    assert opening.count("*What would refute it:*") == 5
    grouped = rest.split("## Limits")[0]
    assert [rule.id for rule in rules() if f"{rule.id}" not in grouped] == []
    for rule in rules():
        if rule.experiment == "main":
            assert f"| {rule.claim} |" in grouped


def test_what_is_not_measured_has_its_command_and_its_cost(shelf: Shelf) -> None:
    limits = page(shelf, []).split("## Limits")[1].split("## Appendix")[0]
    cost = EXPERIMENTS["main"].cost
    assert cost
    assert f"`make main`: {cost}" in limits


def test_command(shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert main([str(shelf.folder), "--to", str(tmp_path / "docs")]) == 0
    assert (tmp_path / "docs/results.md").read_text() == page(Shelf(shelf.folder), [])
    assert (tmp_path / "docs/protocol.md").read_text() == protocol.page(rules())
    (tmp_path / "file").touch()
    assert main([str(shelf.folder), "--to", str(tmp_path / "file/docs")]) == 2
    assert "cannot write" in capsys.readouterr().err.splitlines()[-1]


def test_the_committed_page_is_that_of_the_committed_tables() -> None:
    docs = ROOT / "docs"
    assert (docs / "results.md").read_text() == page(Shelf(docs / "tables"), pictures_of(docs))


def test_rules_are_older_than_the_committed_tables() -> None:
    shelf = Shelf(ROOT / "docs/tables")
    measured = [rule for rule in rules() if rule.experiment in known() and stored(shelf.folder, rule.experiment)]
    # These were asked of runs that were there: the page calls them exploratory.
    later = [f"log-transfer-{what}{than}" for what in ("data", "optimiser") for than in ("", "-dense")]
    assert [rule.id for rule in measured if kind(rule, shelf) != "confirmatory"] == later


def test_a_table_that_began_before_its_rule_confirms_nothing(tmp_path: Path) -> None:
    rule = next(rule for rule in rules() if rule.id == "main-half")
    levels = pd.DataFrame({"run": ["a"]})
    for started, said in ((None, "exploratory"), ("2026-11-26T03:44:59+00:00", "exploratory"),
                          ("2026-11-26T03:45:01+00:00", "confirmatory")):  # fmt: skip
        levels.attrs["provenance"] = {"started": started}
        levels.to_parquet(tmp_path / "main.levels.parquet")
        assert kind(rule, Shelf(tmp_path)) == said
    assert kind(rule.model_copy(update={"seen": "another outcome"}), Shelf(tmp_path)) == "exploratory"


def test_the_protocol_says_what_was_seen_of_runs_that_were_made_again() -> None:
    seen = {rule.id for rule in rules() if rule.seen}
    assert seen == {
        "log-magnitude-vd",
        "log-magnitude-vd-work",
        "log-magnitude-l0",
        "log-magnitude-l0-work",
        "diary-nodes",
    }
    text = (ROOT / "docs/protocol.md").read_text()
    assert text.count("seen before its runs were made again: with ") == len(seen)


def test_runs_that_experiments_share_count_once(tmp_path: Path) -> None:
    levels = pd.DataFrame({"run": ["a", "a", "b", "b"], "seed": 0, "level": [0, 1, 0, 1], "state": "finished"})
    levels = levels.assign(keep=9, epochs=[3, 4, 5, 6], val_loss=[0.1, 0.2, 0.3, 0.4], test_loss=0.5)
    levels.to_parquet(tmp_path / "main.levels.parquet")
    levels[levels["run"] == "b"].assign(run="c", seed=7).to_parquet(tmp_path / "how.levels.parquet")
    runs = Runs(Shelf(tmp_path), EXPERIMENTS)
    assert (runs.rows, runs.distinct) == (3, 2)
    assert (runs.shared_with("main"), runs.shared_with("how")) == ("1 of how", "1 of main")
    assert runs.shared_with("extension") == ""


def test_a_finding_is_titled_by_the_verdict_of_its_rule() -> None:
    by_id = {rule.id: Examined(rule, "open", reason="nobody measured it") for rule in rules()}
    kinds: dict[str, Kind] = dict.fromkeys(by_id, "confirmatory")
    lead = FINDINGS[0].leads
    for verdict, title in FINDINGS[0].titles.items():
        found = Estimate(-0.5, -0.6, -0.4, -0.58, -0.42, 192, 8)
        examined = {**by_id, lead: Examined(by_id[lead].rule, verdict, found)}  # type: ignore[arg-type]
        text = section(examined, kinds, [])
        assert f"### 1. {title}" in text
        assert "-50.0 points [-60.0, -40.0]" in text


def test_earlier_verdicts_are_asked_again_by_rules_that_there_are() -> None:
    assert set(AGAIN) <= {rule.id for rule in rules()}
    for words in AGAIN.values():
        assert len([claim for claim in CLAIMS if claim.words.startswith(words)]) >= 1


def test_where_one_run_alone_was_drawn_by_lot_there_is_no_row(tmp_path: Path) -> None:
    store(tmp_path, "mnist-fashion")
    assert list(beside_chance(Shelf(tmp_path), "mnist-fashion"))
    path = tmp_path / "mnist-fashion.null.parquet"
    null = pd.read_parquet(path)
    null.loc[1:, null.columns.str.startswith(("random_", "rewired_"))] = None
    null.to_parquet(path)
    assert list(beside_chance(Shelf(tmp_path), "mnist-fashion")) == []
