"""The five findings that the page opens with: their words follow from the verdicts, their numbers from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lth.ledger.confirmed import Kind
from lth.ledger.examine import Examined, shown
from lth.ledger.protocol import needs


@dataclass(frozen=True)
class Finding:
    """A finding: its title for each verdict of the rule that leads it, the rules beside it, a figure, what refutes it.

    `figures` are file names below docs, the first that is there is shown.
    """

    leads: str
    titles: Mapping[str, str]
    beside: Sequence[str]
    figures: Sequence[str]
    refuted: str


def _titles(supported: str, contradicted: str, neither: str) -> dict[str, str]:
    return {
        "supported": supported,
        "contradicted": contradicted,
        "not distinguishable": f"{contradicted}: the difference, if any, is too small to matter",
        "open": neither,
    }


FINDINGS = (
    Finding(
        "independence-inputs",
        _titles(
            "Structure needs independence: the more inputs two tasks share, the fewer networks separate",
            "Structure does not need independent inputs",
            "Whether shared inputs keep networks from separating is open",
        ),
        ("independence-labels", "independence-cut-inputs", "independence-cut-labels", "negative-rotated",
         "negative-same", "negative-shuffled", "boolean-shared"),
        ("figures/independence-share.png", "figures/negative-controls.png"),
        "networks that separate as often with all inputs shared as with none, or with inputs that are turned",
    ),
    Finding(
        "biases-pruned",
        _titles(
            "How biases start matters: where they are pruned too, drawn ones let more networks separate",
            "Drawn biases do not help networks to separate",
            "Whether drawn biases help networks to separate is open",
        ),
        ("biases-unpruned", "biases-interaction", "biases-layerwise", "biases-mediated"),
        ("figures/biases-cells.png",),
        "fresh data seeds on which zero biases that are pruned separate as often as drawn ones",
    ),
    Finding(
        "forecast-cut",
        _titles(
            "Separation can be forecast: the cut one level before tells who separates next",
            "The cut does not tell who separates next",
            "Whether the cut tells who separates next is open",
        ),
        ("forecast-beyond-sparsity", "forecast-calibrated", "forecast-three-before", "bridge-cut", "bridge-added"),
        ("figures/main-forecast.png", "figures/bridge-bridge.png"),
        "data seeds on which the forecast, fitted on others, is no better than a coin, or than counting weights",
    ),
    Finding(
        "methods-snip",
        _titles(
            "Every way of pruning separates alike",
            "Methods differ in whether they separate, at the same accuracy and the same number of weights",
            "Whether methods differ in how often they separate is open",
        ),
        ("methods-synflow", "methods-map", "methods-flipout", "methods-bayes", "methods-every-epoch",
         "methods-all-alive", "methods-random", "blog-every-epoch-work"),
        ("methods/fresh/methods-separated.png",),
        "masks chosen before training that separate as often as those of trained magnitudes do",
    ),
    Finding(
        "main-reliably",
        _titles(
            "Large enough networks reliably split into two",
            "Even large networks do not reliably split into two",
            "Whether large networks reliably split into two is open",
        ),
        ("main-half", "main-active", "main-idle", "main-weak", "winning-dense", "winning-splitting",
         "backward-trained"),
        ("figures/main-rise.png", "figures/extension-outcomes.png"),
        "data seeds on which fewer than half of the networks of 47 and more separate beyond what masks by lot do",
    ),
)  # fmt: skip


def section(examined: Mapping[str, Examined], kinds: Mapping[str, Kind], pictures: Sequence[str]) -> str:
    """All findings as Markdown."""
    return "\n\n".join(_finding(number, one, examined, kinds, pictures) for number, one in enumerate(FINDINGS, start=1))


def _finding(
    number: int, one: Finding, examined: Mapping[str, Examined], kinds: Mapping[str, Kind], pictures: Sequence[str]
) -> str:
    lead = examined[one.leads]
    picture = next((name for name in one.figures if name in pictures), None)
    image = f"![{lead.rule.claim}]({picture})\n\n" if picture else ""
    lines = [sentence(lead, kinds), *(sentence(examined[name], kinds) for name in one.beside)]
    return (
        f"### {number}. {one.titles[lead.verdict]}\n\n{image}" + "\n".join(f"- {line}" for line in lines)
        + f"\n\n*What would refute it:* {one.refuted} ({needs(lead.rule)})."
    )  # fmt: skip


def sentence(one: Examined, kinds: Mapping[str, Kind]) -> str:
    """A claim with its verdict and its number."""
    rule = one.rule
    if one.found is None:
        return f"{rule.claim}: **{one.verdict}** ({one.reason}; {rule.id})"
    draws = "network seeds" if rule.cluster == "seed" else "data draws"
    return (
        f"{rule.claim}: **{one.verdict}**, {shown(rule, one.found)} ({rule.quantity}; {one.found.n} runs of "
        f"{one.found.clusters} {draws}; {kinds[rule.id]}, {rule.id})"
    )
