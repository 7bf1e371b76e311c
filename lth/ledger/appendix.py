"""The appendix: the exploratory ledger, chance, the notes' wishes, the experiments, the figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lth.collect import Shelf
from lth.collect.experiments import Experiment
from lth.ledger.chance import beside_chance
from lth.ledger.claim import Claim, Finding
from lth.ledger.experiments import EXPERIMENTS, measured
from lth.ledger.markdown import table
from lth.ledger.shared import Runs
from lth.ledger.wishes import WISHES

SOURCES = {"notes": "The notes", "slides": "The slides", "thesis": "The thesis"}
EXPLORATORY = """\
### The exploratory ledger

The claims of the notes, the slides and the thesis as they were examined first: on one data draw, and by rules that came
after the tables. Rates have Wilson intervals, means bootstrap intervals (BCa), rank correlations Fisher's; pairs are
tested by Wilcoxon's signed-rank test (p corrected after Holm for all of them), lives by the log-rank test and Cox's
regression. *supported* and *contradicted* are what the 95 % interval allows to say; no equivalence was tested. A claim
that something never happens falls with one run that does it, and one that names a rung or a factor is held against our
best estimate. *separated* means at some level, degraded later or not; *winning* means at least as accurate on the test
data as the dense network, in no more epochs."""
CHANCE = """\
### Separation beside chance

Every separation rate beside two null models of the same masks: masks drawn by lot with the same number of weights per
layer, and masks in which besides every neuron keeps its numbers of weights in and out. `at separation`: the share of
draws that are separated, where the ticket first is. `at some level`: the chance that masks drawn anew at every level
are separated at one of them, averaged over runs; levels of more than 300 weights, where none is drawn, count 0."""


def exploratory(claims: Sequence[tuple[Claim, Finding]]) -> Iterable[str]:
    """The claims, source by source."""
    yield EXPLORATORY
    number = 0
    for source, title in SOURCES.items():
        rows = []
        for claim, finding in claims:
            if claim.source == source:
                number += 1
                rows.append((str(number), claim.words, finding.n, finding.figure, f"**{finding.verdict}**",
                             f"`{claim.command}`"))  # fmt: skip
        yield f"#### {title}"
        yield table(("", "claim", "n", "our figure", "verdict", "command"), rows)


def chance(shelf: Shelf) -> Iterable[str]:
    """Every separation rate beside two null models."""
    yield CHANCE
    heads = ("experiment", "runs", "separated", "random at separation", "rewired at separation",
             "random at some level", "rewired at some level")  # fmt: skip
    yield table(heads, [row for experiment in EXPERIMENTS for row in beside_chance(shelf, experiment)])


def wishes() -> Iterable[str]:
    """What the notes wanted to have."""
    yield "### What the notes wanted to have\n\nTheir to-do lists, and where each wish is met."
    yield table(("wish", "where"), WISHES)


def experiments(shelf: Shelf, runs: Runs) -> Iterable[str]:
    """Every experiment with its runs and what they took."""
    yield f"""### The experiments

Seeds, and what each took: `trained` is the sum of the stacks' wall times as their `summary.json` give it; several
stacks trained beside each other. {runs.rows} runs stand in these tables, {runs.distinct} of them different: what
several experiments have in common, bit for bit, counts once.{_machine(shelf)}"""
    rows = [(name, one.claim, f"`{one.command}`", *measured(shelf, name), runs.shared_with(name))
            for name, one in EXPERIMENTS.items()]  # fmt: skip
    yield table(("experiment", "claim", "command", "runs", "left out", "trained", "device", "shared"), rows)


def _machine(shelf: Shelf) -> str:
    path = shelf.folder / "machine.txt"
    return f" {path.read_text('utf-8').strip()}" if path.is_file() else ""


def figures(pictures: Sequence[str]) -> Iterable[str]:
    """The figures of every experiment."""
    yield "### The figures\n\nEach has the command that drew it in its metadata; `make figures` draws PDF and SVG too."
    for name, one in EXPERIMENTS.items():
        mine = [picture for picture in pictures if _owner(picture) == name]
        if mine:
            images = "\n\n".join(f"![{Path(picture).stem}](figures/{picture})" for picture in mine)
            yield f"#### {name}\n\n{_sentence(one)}\n\n{images}"


def _sentence(one: Experiment) -> str:
    return f"Claim: {one.claim}. Expected: {one.expected}. Command: `{one.command}`."


def _owner(picture: str) -> str:
    """The experiment of a picture: the longest name that its own begins with."""
    owners = [name for name in EXPERIMENTS if picture.startswith(f"{name}-")]
    return max(owners, key=len, default="")
