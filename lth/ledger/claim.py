"""A claim of the sources, and what the collected tables say about it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
from pandas.errors import UndefinedVariableError

from lth.files.foreign import content
from lth.record.parquet import read_any

Verdict = Literal["holds", "does not", "open"]


class Shelf:
    """The collected tables of all experiments in one folder, each read when it is first asked for."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._read: dict[tuple[str, str], pd.DataFrame] = {}

    def table(self, experiment: str, name: str = "levels") -> pd.DataFrame:
        """One table of one experiment. Raises Unmeasured when the folder does not have it, or has it empty."""
        key = (experiment, name)
        if key not in self._read:
            path = self.folder / f"{experiment}.{name}.parquet"
            if not path.is_file():
                raise Unmeasured(f"{experiment} is not measured" if name == "levels" else f"no table {path.stem}")
            try:
                self._read[key] = read_any(content(path))
            except (OSError, ValueError) as fault:
                raise Unmeasured(f"no table {path.stem}: {fault}") from None
        if self._read[key].empty:
            raise Unmeasured(f"{experiment}.{name} has no rows")
        return self._read[key]


class Unmeasured(LookupError):  # noqa: N818  it is an answer, not a mistake
    """What a claim needs has not been measured; the message says what."""


@dataclass(frozen=True)
class Finding:
    """What a claim's test found: how many runs it rests on, the figure with its interval, and the verdict."""

    n: str
    figure: str
    verdict: Verdict


@dataclass(frozen=True)
class Claim:
    """A claim in the sources' words, shortened; where it stands; the experiment that tests it and how.

    `source` is notes, slides or thesis. `test` gives the finding from the tables, or raises Unmeasured.
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
        except Unmeasured as missing:
            return Finding("0", str(missing), "open")
        except (KeyError, UndefinedVariableError) as missing:
            return Finding("0", f"a table of {self.experiment} lacks {missing.args[0]}", "open")


def verdict(holds: bool, fails: bool) -> Verdict:
    """`holds` and `fails` are what the interval allows to say; neither leaves the claim open."""
    return "holds" if holds else ("does not" if fails else "open")
