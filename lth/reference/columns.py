"""docs/columns.md: the columns of a run folder's tables, from what writes them."""

from collections.abc import Iterable, Iterator, Mapping

from lth.controls.table import columns as control_columns
from lth.record.tables import EPOCH_COLUMNS
from lth.reference.markdown import table
from lth.reference.meanings import CONTROLS, EPOCHS, FRONT, LEVELS, PATTERNS
from lth.ticket.columns import LAYOUT

_HEAD = ("column", "type", "meaning")
_INTRO = """# Columns

Made by `python -m lth.reference` from what writes the tables. Types are those of pandas; what was not computed is null,
never 0. The words are explained in [concepts](concepts.md).
"""


def page() -> str:
    """The page as Markdown."""
    parts = [
        ("levels.parquet", "One row per seed and level; the same names go to the trackers.", _levels()),
        ("epochs.parquet", "One row per seed, level and epoch.", _rows(EPOCH_COLUMNS, EPOCHS)),
        ("controls.parquet", "One row per seed, level and control (`python -m lth.controls`).",
         _rows(control_columns(()), CONTROLS)),
        ("lth.results.load", "All levels of many run folders: these columns, then those of levels.parquet.",
         ((f"`{name}`", "", meaning) for name, meaning in FRONT.items())),
    ]  # fmt: skip
    return "\n".join([_INTRO, *(f"## {name}\n\n{text}\n\n{table(_HEAD, rows)}" for name, text, rows in parts)])


def _levels() -> Iterator[tuple[str, str, str]]:
    kinds = {name: kind for kind, names in LAYOUT for name in names.split()}
    for name, kind in kinds.items():
        yield f"`{name}`", kind, LEVELS[name]
        after = name
        for pattern, (before, known, meaning) in PATTERNS.items():
            if before == after:
                yield f"`{pattern}`", known, meaning
                after = pattern


def _rows(kinds: Mapping[str, str], meanings: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    return [(f"`{name}`", kind, meanings[name]) for name, kind in kinds.items()]
