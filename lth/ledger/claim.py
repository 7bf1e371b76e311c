"""A claim of the sources, and what the collected tables say about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pandas.errors import UndefinedVariableError

from lth.collect import Missing, Shelf

Verdict = Literal["holds", "does not", "open"]


@dataclass(frozen=True)
class Finding:
    """What a claim's test found: how many runs it rests on, the figure with its interval, and the verdict."""

    n: str
    figure: str
    verdict: Verdict


@dataclass(frozen=True)
class Claim:
    """A claim in the sources' words, shortened; where it stands; the experiment that tests it and how.

    `source` is notes, slides or thesis. `test` gives the finding from the tables, or raises Missing.
    """

    source: Literal["notes", "slides", "thesis"]
    words: str
    experiment: str
    test: Callable[[Shelf], Finding]

    @property
    def command(self) -> str:
        """The command that measures what the test reads."""
        return f"make {'null' if self.experiment == 'null-models' else self.experiment}"

    def examine(self, shelf: Shelf) -> Finding:
        """The finding; open, with the reason, where something is not measured or a table has not the columns."""
        try:
            return self.test(shelf)
        except Missing as missing:
            return Finding("0", str(missing), "open")
        except (KeyError, UndefinedVariableError) as missing:
            return Finding("0", f"a table of {self.experiment} lacks {missing.args[0]}", "open")


def verdict(holds: bool, fails: bool) -> Verdict:
    """`holds` and `fails` are what the interval allows to say; neither leaves the claim open."""
    return "holds" if holds else ("does not" if fails else "open")
