"""Rules held against tables whose answer is known; what is absent is open, what is misspelt is an error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from confirmed import GRIDS, Luck, fair, store
from pandas.errors import UndefinedVariableError

from lth.collect import Shelf
from lth.ledger.examine import decide, examine, shown
from lth.ledger.quantities import known
from lth.ledger.rule import Rule, rules
from lth.statistics.bootstrap import Estimate

RULES = {rule.id: rule for rule in rules()}
TABLED = [rule for rule in rules() if rule.test not in ("none", "given") and rule.experiment != "methods"]


def between(low: float, high: float) -> Estimate:
    """An estimate whose 90 % interval is nine tenths of its 95 % interval."""
    middle, half = (low + high) / 2, 0.45 * (high - low)
    return Estimate(middle, low, high, middle - half, middle + half, 32, 8)


def rule(**changes: Any) -> Rule:
    return RULES["main-weak"].model_copy(update={"threshold": 0.0, "margin": 0.1, **changes})


@pytest.mark.parametrize(
    ("direction", "low", "high", "verdict"),
    [
        ("above", 0.2, 0.4, "supported"),
        ("above", -0.4, -0.2, "contradicted"),
        ("above", 0.01, 0.05, "not distinguishable"),
        ("above", -0.05, 0.3, "open"),
        ("below", -0.4, -0.2, "supported"),
        ("below", 0.2, 0.4, "contradicted"),
        ("below", -0.105, 0.09, "not distinguishable"),
        ("equal", -0.05, 0.05, "supported"),
        ("equal", 0.12, 0.4, "contradicted"),
        ("equal", 0.05, 0.4, "open"),
        ("not below", -0.05, 0.9, "supported"),
        ("not below", -0.4, -0.12, "contradicted"),
        ("not below", -0.2, 0.1, "open"),
        ("above", np.nan, np.nan, "open"),
        ("equal", np.nan, np.nan, "open"),
    ],
)
def test_what_each_verdict_needs(direction: str, low: float, high: float, verdict: str) -> None:
    assert decide(rule(direction=direction), between(low, high)) == verdict


@pytest.fixture(scope="module")
def fair_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All confirmatory tables, of runs that separate by the toss of a coin."""
    folder = tmp_path_factory.mktemp("tables")
    for experiment in GRIDS:
        store(folder, experiment)
    return folder


@pytest.fixture(autouse=True)
def _all_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("lth.collect.reading.known", "lth.ledger.examine.known"):
        monkeypatch.setattr(place, lambda: sorted(GRIDS))


@pytest.mark.parametrize("one", TABLED, ids=lambda one: one.id)
def test_every_rule_finds_what_it_names_in_the_promised_tables(one: Rule, fair_tables: Path) -> None:
    found = examine(one, Shelf(fair_tables))
    assert found.found is not None, found.reason
    assert found.found.clusters == (4 if one.cluster == "seed" else 8)
    assert shown(one, found.found)


@pytest.mark.parametrize("one", TABLED, ids=lambda one: one.id)
def test_without_its_tables_every_rule_is_open(one: Rule, tmp_path: Path) -> None:
    found = examine(one, Shelf(tmp_path))
    assert (found.verdict, found.reason) == ("open", f"{one.experiment} is not measured")


def of(key: str, value: Any, rate: float, other: float) -> Luck:
    """Runs whose key has this value separate at one rate, the others at another one."""
    return lambda cell, draw: bool(draw.random() < (rate if cell[key] == value else other))


def of_share(what: str, start: float, end: float) -> Luck:
    def luck(cell: Mapping[str, Any], draw: np.random.Generator) -> bool:
        here = cell["dataset.share"] if cell["dataset.shared"] in ("none", what) else 0
        return bool(draw.random() < start + (end - start) * here)

    return luck


def of_size(half: float) -> Luck:
    return lambda cell, draw: bool(draw.random() < 1 / (1 + (half / cell["model.hidden"]) ** 4))


@pytest.mark.parametrize(
    ("name", "luck", "verdict"),
    [
        ("main-reliably", of_size(15), "supported"),
        ("main-reliably", of_size(2000), "contradicted"),
        ("main-half", of_size(47), "supported"),
        ("main-half", of_size(150), "contradicted"),
        ("depths-one", of("model.depth", 1, 0.9, 0.9), "supported"),
        ("depths-one", of("model.depth", 1, 0.0, 0.9), "not distinguishable"),
        ("depths-later", of("model.depth", 1, 0.2, 0.9), "supported"),
        ("depths-later", of("model.depth", 1, 0.9, 0.2), "contradicted"),
        ("biases-pruned", of("model.bias_init", "normal", 0.95, 0.4), "supported"),
        ("biases-pruned", of("model.bias_init", "normal", 0.3, 0.95), "contradicted"),
        ("independence-inputs", of_share("inputs", 0.9, 0.1), "supported"),
        ("independence-inputs", of_share("inputs", 0.1, 0.9), "contradicted"),
        ("independence-labels", of_share("inputs", 0.9, 0.1), "open"),
        ("negative-rotated", of("dataset.control", "rotated", 0.0, 0.9), "supported"),
        ("negative-rotated-by-lot", of("dataset.control", "rotated", 0.0, 0.9), "supported"),
        ("negative-rotated-by-lot", of("dataset.control", "rotated", 0.9, 0.9), "contradicted"),
        ("budget-many", of("dataset.n", 6, 0.05, 0.9), "contradicted"),
        ("boolean-0", of("dataset.shared_inputs", 0, 1.0, 0.3), "supported"),
        ("boolean-0", of("dataset.shared_inputs", 0, 0.3, 0.3), "contradicted"),
        ("one-bit-separates", of("dataset.bit", "given", 1.0, 0.0), "supported"),
    ],
)
def test_of_runs_that_separate_as_the_claim_says_or_otherwise(
    name: str, luck: Luck, verdict: str, tmp_path: Path
) -> None:
    store(tmp_path, RULES[name].experiment, luck)
    assert examine(RULES[name], Shelf(tmp_path)).verdict == verdict


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"where": "`model.hiden` >= 47"}, UndefinedVariableError),
        ({"measure": "seperated"}, KeyError),
        ({"cluster": "data.seed"}, KeyError),
        ({"groups": ("`model.hiden` == 8", "`model.hidden` == 13"), "test": "difference"}, UndefinedVariableError),
        ({"x": "model.hiden", "test": "slope"}, KeyError),
    ],
)
def test_a_misspelt_rule_is_an_error(change: dict[str, Any], error: type[Exception], tmp_path: Path) -> None:
    store(tmp_path, "main", fair)
    with pytest.raises(error):
        examine(RULES["main-reliably"].model_copy(update=change), Shelf(tmp_path))


def test_a_table_without_a_column_is_an_error(tmp_path: Path) -> None:
    store(tmp_path, "main", fair)
    path = tmp_path / "main.levels.parquet"
    pd.read_parquet(path).drop(columns="inactive_weights").to_parquet(path)
    with pytest.raises(KeyError, match="inactive_weights"):
        examine(RULES["main-idle"], Shelf(tmp_path))


def test_every_measure_is_there() -> None:
    assert [one.id for one in rules() if not known(one.measure)] == []


def test_methods_are_examined_by_their_table(tmp_path: Path) -> None:
    (tmp_path / "methods").mkdir()
    of_methods = [one for one in rules() if one.experiment == "methods" and one.test != "none"]
    assert {examine(one, Shelf(tmp_path / "tables")).reason for one in of_methods} == {"methods is not measured"}
    root = Path(__file__).resolve().parents[2]
    found = {one.id: examine(one, Shelf(root / "docs/tables")) for one in of_methods}
    assert found["log-flips"].verdict == "supported"
    assert found["blog-every-epoch-work"].verdict == "supported"
