"""A claim of the sources whose rule came after the tables, and what these say about it: exploratory."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lth.collect import Missing, Shelf
from lth.ledger.words import Verdict


@dataclass(frozen=True)
class Finding:
    """What a claim's test found: how many runs it rests on, the figure with its interval, and the verdict."""

    n: str
    figure: str
    verdict: Verdict


@dataclass(frozen=True)
class Claim:
    """A claim in the sources' words, shortened; where it stands; the experiment that tests it and how.

    `source` is notes, slides or thesis. `test` gives the finding from the tables, or raises Missing. `decided` says
    what a definition of ours decides beforehand.
    """

    source: Literal["notes", "slides", "thesis"]
    words: str
    experiment: str
    test: Callable[[Shelf], Finding]
    decided: str = ""

    @property
    def command(self) -> str:
        """The command that measures what the test reads."""
        return f"make {'null' if self.experiment == 'null-models' else self.experiment}"

    def examine(self, shelf: Shelf) -> Finding:
        """The finding; open, with the reason, where a table is absent or too few runs say anything.

        Whatever else fails is a mistake of the test, and is not caught.
        """
        try:
            return self.test(shelf)
        except Missing as missing:
            return Finding("0", str(missing), "open")


def verdict(supported: bool, contradicted: bool) -> Verdict:
    """What the interval allows to say; neither leaves the claim open."""
    return "supported" if supported else "contradicted" if contradicted else "open"
