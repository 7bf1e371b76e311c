"""The rules are data: each is whole, and the protocol's page says them as they are."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from lth.ledger import protocol
from lth.ledger.rule import Rule, rules

ROOT = Path(__file__).parents[2]


def test_the_committed_protocol_is_that_of_the_rules() -> None:
    assert (ROOT / "docs/protocol.md").read_text() == protocol.page(rules())


def test_every_experiment_has_one_primary_claim() -> None:
    files = {path.stem for path in (ROOT / "lth/ledger/rules").glob("*.yaml")}
    primary = [rule.id.partition("-")[0] for rule in rules() if rule.primary]
    assert len(primary) == len(files)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_says_all_that_its_test_needs(rule: Rule) -> None:
    groups = {"difference": 2, "interaction": 4, "mediated": 2}.get(rule.test, 0)
    assert len(rule.groups) == groups
    assert bool(rule.x) == (rule.test in ("slope", "midpoint", "alike"))
    assert (rule.at is not None) == (rule.test == "midpoint")
    assert (rule.test == "none") == bool(rule.decided or rule.unmeasured)
    assert rule.test == "none" or rule.power > 0.3


def test_a_rule_with_a_word_too_many_is_none() -> None:
    said = {**rules()[0].model_dump(), "treshold": 0}
    with pytest.raises(ValidationError, match="treshold"):
        Rule(**said)
