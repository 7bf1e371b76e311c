"""docs/protocol.md: the rules as a page, so that anyone can read what was fixed before anything was measured."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from lth.ledger.experiments import command_of
from lth.ledger.rule import Rule

OPENING = """\
# The protocol

What is asked, of whom, how it is tested and what each verdict needs, written down before anything of it was
measured: every rule says when it was fixed, every table when its first run began, and a test holds that the rule is
older. `python -m lth.ledger` writes this page from the rules in `lth/ledger/rules`; the [results](results.md) are
computed by the very same rules.

## What holds for all of them

- **A run** is one configuration, one data seed and one network seed. Network seeds are from 100 on, data seeds (the
  draw of the samples) too: none of them was used before. They are crossed, so that runs of one data seed are no
  independent witnesses: the data seed is the cluster of every interval (where all runs have the same data, the
  network seed). Runs that several experiments share, bit for bit, count once.
- **Intervals**: bootstrap over clusters, 2000 draws of a fixed seed, percentiles widened for few clusters as
  Hesterberg does (2015: the 2.5 % of a normal become those of t with clusters − 1 degrees, times
  √(clusters/(clusters − 1))). Where all clusters agree exactly, a rate has Wilson's interval for the runs that the
  planned likeness leaves.
- **Verdicts**. *supported*: the 95 % interval lies on the side of the threshold that the claim names.
  *contradicted*: it lies on the other side. *not distinguishable*: the 90 % interval lies within the margin around
  the threshold (two one-sided tests, Schuirmann 1987); it comes before the others, so that what is too small to
  matter supports nothing. *open*: none of these, or not measured. A claim of equality is *supported* where the 90 %
  interval lies within the margin, and *contradicted* where the 95 % interval lies outside; one that something is
  *not below* is supported where the 95 % interval lies above the threshold less the margin, and contradicted where
  it lies below that.
- **Chance**: masks drawn by lot at every level, with the ticket's weights per layer, or with its neurons' numbers
  of weights in and out too (200 draws a level). A run that separates counts 1 less the chance that such masks do so
  at some level.
- **One primary claim** for each experiment. The others stand beside it without correction for their number, and are
  to be read so.
- **Power**: the chance to find the smallest effect that matters, by the t test of the clusters' means, from the
  deviation of a run and the likeness of runs of one cluster that are given; in brackets the chance to show
  equivalence where there is no difference at all. Both are computed on this page, neither was chosen after the
  data. Where the second is 0 %, so many runs cannot show that there is no difference, and what is not found stays
  open.
"""
QUESTIONS = {
    "sizes": "Which networks separate, and when?",
    "independence": "Does structure need independence?",
    "biases": "What do biases do?",
    "cause": "Can separation be forecast, and is it a cause?",
    "winning": "Do separated networks win?",
    "methods": "Which methods separate, and what do the other sources say of them?",
    "images": "Do masks of images tell something?",
}


def page(rules: Sequence[Rule]) -> str:
    """The page as Markdown."""
    parts = [OPENING]
    for question, title in QUESTIONS.items():
        mine = [rule for rule in rules if rule.question == question]
        parts.append(f"## {title}")
        parts += [_experiment(name, mine) for name in dict.fromkeys(rule.experiment for rule in mine)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def needs(rule: Rule) -> str:
    """What each verdict needs, in the rule's unit."""
    at, margin = _at(rule, rule.threshold), _margin(rule)
    beyond = {
        "above": f"supported above {at}, contradicted below",
        "below": f"supported below {at}, contradicted above",
        "equal": f"supported within {margin} of {at}, contradicted outside",
        "not below": f"supported above {_at(rule, rule.threshold - rule.margin)}, contradicted below",
    }[rule.direction]
    alike = "" if rule.direction in ("equal", "not below") else f"; not distinguishable within {margin} of {at}"
    return beyond + alike


def _experiment(name: str, rules: Sequence[Rule]) -> str:
    mine = [rule for rule in rules if rule.experiment == name]
    return f"### {name}\n\n`{command_of(name)}`\n\n" + "\n\n".join(map(_block, mine))


def _block(rule: Rule) -> str:
    mark = "primary, " if rule.primary else ""
    head = f"**{rule.id}** ({mark}{rule.source}, fixed {rule.fixed:%Y-%m-%d %H:%M}): {rule.claim}\n"
    if rule.decided:
        return f"{head}\n- decided by a definition: {rule.decided}"
    if rule.unmeasured:
        return f"{head}\n- open: {rule.unmeasured}"
    lines = (
        f"quantity: {rule.quantity}",
        f"population: {rule.population}",
        f"test: {_test(rule)}",
        f"verdicts: {needs(rule)}",
        f"why: {rule.why}",
        f"sample: {_sample(rule)}",
        *([f"seen before its runs were made again: {rule.seen}"] if rule.seen else ()),
    )
    return head + "".join(f"\n- {line}" for line in lines)


def _sample(rule: Rule) -> str:
    one, chance, none = rule.sample, 100 * rule.power, 100 * rule.equivalence_power
    return (
        f"{one.clusters} clusters of {one.each} runs a group; power {chance:.0f} % for {_size(rule)} [{none:.0f} %], "
        f"a run's deviation {one.deviation:g}, likeness {one.alike:g}"
    )


def _test(rule: Rule) -> str:
    groups = " − ".join(_code(group) for group in rule.groups)
    over = f" over `{rule.x}`" if rule.x else ""
    where = f" where {_code(rule.where)}" if rule.where else ""
    compared = f": {groups}" if groups else ""
    return f"{rule.test} of {rule.measure}{over}{compared}{where}; clusters: {rule.cluster}"


def _code(query: str) -> str:
    return f"`{query.replace('`', '')}`"


def _at(rule: Rule, value: float) -> str:
    if rule.unit == "factor":
        return f"{exp(value):.3g}"
    word = {"share": " %", "points": " point" if abs(100 * value) == 1 else " points"}.get(rule.unit)
    return f"{100 * value:.3g}{word}" if word else f"{value:.3g}"


def _margin(rule: Rule) -> str:
    return f"a factor {exp(rule.margin):.2f}" if rule.unit == "factor" else _at(rule, rule.margin)


def _size(rule: Rule) -> str:
    return f"a factor {exp(rule.sample.effect):.2f}" if rule.unit == "factor" else _at(rule, rule.sample.effect)
