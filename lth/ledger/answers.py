"""The claims that have a rule, grouped by question, each with its verdict, its number and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lth.ledger.confirmed import Kind
from lth.ledger.examine import Examined, shown
from lth.ledger.experiments import EXPERIMENTS, command_of
from lth.ledger.markdown import table
from lth.ledger.protocol import QUESTIONS
from lth.ledger.rule import Rule
from lth.ledger.shared import Runs

HEADS = ("claim", "source", "verdict", "estimate", "n", "rule, fixed", "runs shared with", "command")
NAMES = {
    "notes": "notes", "slides": "slides", "thesis": "thesis", "ours": "ours",
    "blog": "a blog of 2021 (001)", "log": "a log of two weeks (003)", "diary": "a diary of 2019 (004)",
}  # fmt: skip


READING = """In the column of rules the primary claim of each experiment is bold. *confirmatory*: the rule is older than
the first run of its table; *exploratory*: it is not, or the table does not say when its runs began. Estimates have 95 %
intervals with the data draw as cluster."""


def section(examined: Sequence[Examined], kinds: Mapping[str, Kind], runs: Runs) -> Iterable[str]:
    """A heading, a sentence and a table for each question."""
    for question, title in QUESTIONS.items():
        mine = [one for one in examined if one.rule.question == question]
        yield f"### {title}\n\n{counted(mine)}\n\n{table(HEADS, (_row(one, kinds, runs) for one in mine))}"


def counted(examined: Sequence[Examined]) -> str:
    """How many claims there are, with how many of each verdict."""
    verdicts = [one.verdict for one in examined]
    counts = [f"{verdicts.count(word)} {word}" for word in dict.fromkeys(sorted(verdicts))]
    return f"{len(verdicts)} claims: {', '.join(counts)}."


def _row(one: Examined, kinds: Mapping[str, Kind], runs: Runs) -> tuple[str, ...]:
    rule, found = one.rule, one.found
    number = f"{shown(rule, found)}: {rule.quantity}" if found else one.reason
    clusters = "network seeds" if rule.cluster == "seed" else "data draws"
    n = f"{found.n} runs, {found.clusters} {clusters}" if found else ""
    fixed = f"{'**' * rule.primary}{rule.id}{'**' * rule.primary}, {rule.fixed:%Y-%m-%d %H:%M}"
    fixed += f", {kinds[rule.id]}" if found else ""
    return (rule.claim, NAMES[rule.source], f"**{one.verdict}**", number, n, fixed, runs.shared_with(rule.experiment),
            _command(rule, measured=found is not None))  # fmt: skip


def _command(rule: Rule, *, measured: bool) -> str:
    if rule.test == "none":
        return ""
    known = EXPERIMENTS.get(rule.experiment)
    cost = f" ({known.cost})" if known and known.cost and not measured else ""
    return f"`{command_of(rule.experiment)}`{cost}"
