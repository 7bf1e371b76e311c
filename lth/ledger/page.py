"""docs/results.md from the collected tables: the ledger, chance, the notes' wishes, experiments, figures."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from lth.collect import Shelf
from lth.collect.experiments import Experiment
from lth.ledger import controls, neurons, problems, rungs, separation, structure, tickets
from lth.ledger.chance import beside_chance
from lth.ledger.claim import Claim
from lth.ledger.experiments import EXPERIMENTS, measured
from lth.ledger.wishes import WISHES

CLAIMS = tuple(
    claim for room in (separation, rungs, tickets, controls, structure, problems, neurons) for claim in room.CLAIMS
)
SOURCES = {
    "notes": "The notes",
    "slides": "The slides",
    "thesis": "The thesis",
}
OPENING = """\
# Results

What the sources say, and what this program finds: `make results` writes this page from the tables in
[tables](tables), without training; `make EXPERIMENT` trains again and draws (`SEEDS=0..1 MAX_RUNG=9` for less).

A claim **holds** when the 95 % interval of our figure lies where the claim says, and **does not** when it lies where
the claim denies; else it stays **open**, as does what has not been measured. A claim that something never happens falls
with one run that does it, and one that names a rung or a factor is held against our best estimate. Rates have Wilson
intervals, means bootstrap intervals (BCa), rank correlations Fisher's; pairs are tested by Wilcoxon's signed-rank test
(p corrected after Holm for all of them), lives by the log-rank test and Cox's regression. A run is one seed;
*separated* means at some level, degraded later or not; *winning* means at least as accurate on the test data as the
dense network, in no more epochs.
"""


def page(shelf: Shelf, pictures: Sequence[str]) -> str:
    """The page as Markdown. `pictures`: the file names of the figures that lie in `figures/`, EXPERIMENT-FIGURE.png."""
    parts = [OPENING, *_ledger(shelf), *_chance(shelf), *_wishes(), *_experiments(shelf), *_figures(pictures)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _ledger(shelf: Shelf) -> Iterable[str]:
    found = {id(claim): claim.examine(shelf) for claim in CLAIMS}
    verdicts = [finding.verdict for finding in found.values()]
    counts = ", ".join(f"{verdicts.count(one)} {word}" for one, word in (
        ("holds", "hold"), ("does not", "do not"), ("open", "are open")))  # fmt: skip
    yield f"## The ledger\n\n{len(CLAIMS)} claims: {counts}."
    number = 0
    for source, title in SOURCES.items():
        rows = []
        for claim in (one for one in CLAIMS if one.source == source):
            number += 1
            finding = found[id(claim)]
            rows.append((str(number), claim.words, finding.n, finding.figure, f"**{finding.verdict}**", _code(claim)))
        yield f"### {title}"
        yield _table(("", "claim", "n", "our figure", "verdict", "command"), rows)


def _code(claim: Claim) -> str:
    return f"`{claim.command}`"


def _chance(shelf: Shelf) -> Iterable[str]:
    yield """## Separation beside chance

Every separation rate beside two null models of the same masks: masks drawn by lot with the same number of weights per
layer, and masks in which besides every neuron keeps its numbers of weights in and out. `at separation`: the share of
draws that are separated, where the ticket first is. `at some level`: the chance that masks drawn anew at every level
are separated at one of them, averaged over runs; levels of more than 300 weights, where none is drawn, count 0."""
    rows = [row for experiment in EXPERIMENTS for row in beside_chance(shelf, experiment)]
    heads = ("experiment", "runs", "separated", "random at separation", "rewired at separation",
             "random at some level", "rewired at some level")  # fmt: skip
    yield _table(heads, rows)


def _wishes() -> Iterable[str]:
    yield "## What the notes wanted to have\n\nTheir to-do lists, and where each wish is met."
    yield _table(("wish", "where"), WISHES)


def _experiments(shelf: Shelf) -> Iterable[str]:
    yield """## The experiments

Seeds, and what each took: `trained` is the sum of the stacks' wall times as their `summary.json` give it; several
stacks trained beside each other.""" + _machine(shelf)
    rows = [(name, one.claim, f"`{one.command}`", *measured(shelf, name)) for name, one in EXPERIMENTS.items()]
    yield _table(("experiment", "question", "command", "runs", "left out", "trained", "device"), rows)


def _machine(shelf: Shelf) -> str:
    path = shelf.folder / "machine.txt"
    return f" {path.read_text('utf-8').strip()}" if path.is_file() else ""


def _figures(pictures: Sequence[str]) -> Iterable[str]:
    yield "## The figures\n\nEach has the command that drew it in its metadata; `make figures` draws PDF and SVG too."
    for name, one in EXPERIMENTS.items():
        mine = [picture for picture in pictures if _owner(picture) == name]
        if mine:
            images = "\n\n".join(f"![{Path(picture).stem}](figures/{picture})" for picture in mine)
            yield f"### {name}\n\n{_sentence(one)}\n\n{images}"


def _sentence(one: Experiment) -> str:
    return f"Claim: {one.claim}. Expected: {one.expected}. Command: `{one.command}`."


def _owner(picture: str) -> str:
    """The experiment of a picture: the longest name that its own begins with."""
    owners = [name for name in EXPERIMENTS if picture.startswith(f"{name}-")]
    return max(owners, key=len, default="")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
