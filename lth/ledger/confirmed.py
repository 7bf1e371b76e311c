"""Whether what a rule is held against came after it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from lth.collect import Missing, Shelf
from lth.ledger.examine import METHODS, levels_of
from lth.ledger.quantities import table_of
from lth.ledger.rule import Rule

Kind = Literal["confirmatory", "exploratory"]


def started(shelf: Shelf, experiment: str) -> datetime | None:
    """When the first run of an experiment began; None where nothing is measured, or the table does not say."""
    try:
        said = levels_of(experiment, shelf).attrs.get("provenance", {}).get("started")
    except Missing:
        return None
    if said is None:
        return None
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _methods_started(rule: Rule, shelf: Shelf) -> datetime | None:
    """When the first of the runs began that the rule asks: older ones may lie in the same table."""
    if rule.test == "none":
        return None
    try:
        table = table_of(rule.measure, shelf, rule.experiment)
    except Missing:
        return None
    asked = table.query(rule.where) if rule.where else table
    said: list[str] = asked["started"].dropna().tolist() if "started" in asked else []
    return datetime.fromisoformat(min(said)) if said and len(said) == len(asked) else None


def kind(rule: Rule, shelf: Shelf) -> Kind:
    """Confirmatory where the rule is older than the first run; exploratory where it is not, or nothing tells.

    Exploratory too where runs had been seen that were made again.
    """
    if rule.seen:
        return "exploratory"
    first = _methods_started(rule, shelf) if rule.experiment == METHODS else started(shelf, rule.experiment)
    return "confirmatory" if first is not None and rule.fixed < first else "exploratory"
