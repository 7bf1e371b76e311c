"""Separation rates beside what masks drawn by lot would give."""

from collections.abc import Iterator

from lth.collect import Missing, Shelf
from lth.figures.drawn import at_some_level
from lth.ledger.runs import RUN, first_separations, mean, rate, runs, share

MODELS = ("random", "rewired")


def beside_chance(shelf: Shelf, experiment: str) -> Iterator[tuple[str, ...]]:
    """One row of the page's table: experiment, runs, rate, four shares of draws. None when unmeasured, or not drawn."""
    try:
        found = runs(shelf.table(experiment))
        draws = shelf.table(experiment, "null")
    except Missing:
        return
    columns = [f"{model}_separated" for model in MODELS]
    try:
        first = first_separations(shelf.table(experiment))[[*RUN, "level"]]
        parted = draws.merge(first, on=[*RUN, "level"])
        at = [share(mean(parted[column]), 2) for column in columns]
    except Missing:
        at = ["no run separated"] * 2
    known = draws.merge(found[RUN], on=RUN)
    try:
        best = [mean(at_some_level(known, column)["rate"]) for column in columns]
    except Missing:  # masks of one run at most were drawn: networks of one task, or of too many weights
        return
    yield (
        experiment,
        str(len(found)),
        share(rate(found["separated"])),
        *at,
        *(share(one, 2) for one in best),
    )
