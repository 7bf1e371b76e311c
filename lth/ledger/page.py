"""docs/results.md from the collected tables: five findings, definitions, claims by question, limits, an appendix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lth.collect import Shelf
from lth.ledger import (
    answers,
    appendix,
    controls,
    earlier,
    findings,
    limits,
    neurons,
    problems,
    rungs,
    separation,
    structure,
    tickets,
)
from lth.ledger.confirmed import Kind, kind
from lth.ledger.examine import examine
from lth.ledger.experiments import EXPERIMENTS
from lth.ledger.markdown import table
from lth.ledger.rule import rules
from lth.ledger.shared import Runs

CLAIMS = tuple(
    claim for room in (separation, rungs, tickets, controls, structure, problems, neurons) for claim in room.CLAIMS
)
SHOWN = ("figures/*.png", "methods/fresh/*.png", "*.png")  # below docs
OPENING = """\
# Results

`make results` writes this page from the tables in [tables](tables), without training; `make EXPERIMENT` trains
again and draws (`SEEDS=100..101 MAX_RUNG=9` for less). The rules were fixed before the runs began:
[protocol](protocol.md). Every number, every verdict and the words that follow from them are computed."""
SETUP = """\
## Setup and definitions

Two independent problems, moons and circles, lie side by side as the inputs and outputs of one network, which is
trained, loses its smallest weights, is set back to where it started and trained again, level by level. It is
*separated* at a level at which every component of its active weights (those between an input and an output) serves
one task alone, *degraded* where a task lacks an input or an output, and its *cut* is the number of weights that
still join the tasks. A *run* is one network on one data draw; h is the number of neurons of each hidden layer, and
the network on *rung* e is pruned e times, through the counts of all smaller ones (rung 9 is h = 47, rung 17 h =
278); all words are in [concepts](concepts.md).

![A ticket with its parts named](concepts.png)"""


def pictures_of(docs: Path) -> list[str]:
    """The pictures that the page may show, as it names them."""
    return sorted(path.relative_to(docs).as_posix() for pattern in SHOWN for path in docs.glob(pattern))


def page(shelf: Shelf, pictures: Sequence[str]) -> str:
    """The page as Markdown; `pictures` are those that there are, named from its folder."""
    return "\n".join(part.rstrip("\n") + "\n" for part in _parts(shelf, pictures))


def _parts(shelf: Shelf, pictures: Sequence[str]) -> Iterable[str]:
    examined = [examine(rule, shelf) for rule in rules()]
    by_id = {one.rule.id: one for one in examined}
    kinds: dict[str, Kind] = {rule.id: kind(rule, shelf) for rule in rules()}
    runs = Runs(shelf, EXPERIMENTS)
    explored = [(claim, claim.examine(shelf)) for claim in CLAIMS]
    yield OPENING
    yield f"## Five findings\n\n{findings.section(by_id, kinds, pictures)}"
    yield SETUP
    yield f"## The claims, by question\n\n{answers.counted(examined)} {answers.READING}"
    yield from answers.section(examined, kinds, runs)
    yield "### Earlier verdicts, asked again on fresh data"
    yield table(("claim", "earlier", "now", "rule", ""), earlier.rows(by_id, explored))
    yield limits.section(examined, shelf)
    yield "## Appendix"
    yield from appendix.exploratory(explored)
    yield from appendix.chance(shelf)
    yield from appendix.wishes()
    yield from appendix.experiments(shelf, runs)
    yield from appendix.figures([Path(name).name for name in pictures if name.startswith("figures/")])
