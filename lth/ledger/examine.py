"""A rule held against the tables: the estimate it asks for, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
import pandas as pd

from lth.collect import Missing, Shelf, known
from lth.ledger.quantities import given, is_yes_or_no, table_of
from lth.ledger.rule import Rule
from lth.ledger.runs import RUN
from lth.ledger.words import Verdict
from lth.statistics.bootstrap import Estimate
from lth.statistics.contrasts import Runs, alike, contrast, mediated, midpoint, slope

METHODS = "methods"  # the comparison of all of them, no experiment of conf/
DIFFERENCES = ("difference", "interaction", "slope")  # of shares: in points of a hundred
SIGNS = {"mean": (1,), "difference": (1, -1), "interaction": (1, -1, -1, 1)}


@dataclass(frozen=True)
class Examined:
    """A rule's verdict with the estimate that it rests on; or why there is none."""

    rule: Rule
    verdict: Verdict
    found: Estimate | None = None
    reason: str = ""


def examine(rule: Rule, shelf: Shelf) -> Examined:
    """The verdict; open where the experiment is not measured, or no run says anything. A wrong name is an error."""
    if rule.test == "none":
        return Examined(rule, "by definition" if rule.decided else "open", reason=rule.decided or rule.unmeasured)
    try:
        if rule.experiment != METHODS:
            levels_of(rule.experiment, shelf)
        found = _estimate(rule, shelf)
    except Missing as missing:
        return Examined(rule, "open", reason=str(missing))
    return Examined(rule, decide(rule, found), found)


def decide(rule: Rule, found: Estimate) -> Verdict:
    """What the intervals say under the rule; where a bound is unknown it stays open."""
    low, high = found.low - rule.threshold, found.high - rule.threshold
    inner = max(abs(found.inner_low - rule.threshold), abs(found.inner_high - rule.threshold))
    if rule.direction == "equal":
        return _either(inner < rule.margin, low > rule.margin or high < -rule.margin)
    if rule.direction == "not below":
        return _either(low > -rule.margin, high < -rule.margin)
    if inner < rule.margin:
        return "not distinguishable"
    return _either(low > 0, high < 0) if rule.direction == "above" else _either(high < 0, low > 0)


def _either(supported: bool, contradicted: bool) -> Verdict:
    return "supported" if supported else "contradicted" if contradicted else "open"


def levels_of(experiment: str, shelf: Shelf) -> pd.DataFrame:
    """The levels of an experiment. Raises Missing where it is not measured, or not even a file in conf/experiment."""
    if experiment not in known():
        raise Missing(f"{experiment} is not measured")
    return shelf.table(experiment)


def _estimate(rule: Rule, shelf: Shelf) -> Estimate:
    if rule.test == "given":
        one = given(rule.measure, shelf)
        return Estimate(one.value, one.low, one.high, one.low, one.high, one.n, rule.sample.clusters)
    table = table_of(rule.measure, shelf, rule.experiment)
    table = table.query(rule.where) if rule.where else table
    return _tested(rule, _chosen(rule, table.reset_index(drop=True)))


def _chosen(rule: Rule, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the groups, numbered in column `group`; of controls of one run, those of runs that have them all."""
    if rule.groups:
        parts = [table.query(group).assign(group=number) for number, group in enumerate(rule.groups)]
        if any(part.empty for part in parts):
            raise Missing("no run of one of the groups is measured")
        table = pd.concat(parts, ignore_index=True)
        if table.duplicated(RUN).any():
            table = table[table.groupby(RUN)["group"].transform("nunique") == len(parts)]
    if table[rule.cluster].nunique() < 2:
        raise Missing("fewer than two clusters have such runs")
    return table.reset_index(drop=True)


def _tested(rule: Rule, table: pd.DataFrame) -> Estimate:
    runs = Runs.of(table["value"], table[rule.cluster])
    if rule.test in SIGNS:
        number = table["group"] if rule.groups else pd.Series(0, index=table.index)
        flags = [(number == place).to_numpy() for place in range(len(rule.groups) or 1)]
        return contrast(runs, flags, SIGNS[rule.test], rule.sample.alike if is_yes_or_no(rule.measure) else None)
    if rule.test == "mediated":
        return mediated(runs, (table["group"] == 0).to_numpy(dtype=float), table[["idle", "zombies"]].to_numpy(float))
    x = table[rule.x].to_numpy(dtype=float)
    if rule.test == "alike":
        return alike(runs, x)
    x = np.log(x) if rule.x == "model.hidden" else x
    return slope(runs, x) if rule.test == "slope" else midpoint(runs, x, rule.at or 0.5)


def shown(rule: Rule, found: Estimate) -> str:
    """The estimate with its interval, in the rule's unit."""
    signed = "+" if rule.threshold == 0 and rule.unit != "factor" else ""
    scale = 100.0 if rule.unit in ("share", "points") else 1.0
    ends = [exp(end) if rule.unit == "factor" else scale * end for end in (found.value, found.low, found.high)]
    digits = 1 if scale > 1 else 2
    value, low, high = (f"{end:{signed}.{digits}f}" if abs(end) < 100 else f"{end:{signed}.0f}" for end in ends)
    words = {"share": " points" if rule.test in DIFFERENCES else " %", "points": " points", "factor": "×"}
    word = words.get(rule.unit, "")
    if rule.test == "midpoint":
        return f"h = {value} [{low}, {high}]"
    return f"{value}{word} [{low}, {high}]"
