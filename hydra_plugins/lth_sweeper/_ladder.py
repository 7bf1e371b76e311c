"""Sizes as they are typed: `8,..,57` is the ladder from 8 to 57.

Hydra leaves modules out of its search for plugins whose names begin with an underscore.
"""

from collections.abc import Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override

HIDDEN = "model.hidden"
DOTS = ".."
Cell = list[str]  # the overrides of one job


def held_together(parser: OverridesParser, override: Override) -> Override:
    """A ladder as one value, so that the product of the grid keeps it whole; anything else as it is."""
    value = override.value()
    if override.key_or_group != HIDDEN or not isinstance(value, ChoiceSweep):
        return override
    steps = [str(getattr(step, "text", step)) for step in value.list]
    return parser.parse_override(f"{HIDDEN}='{','.join(steps)}'") if DOTS in steps else override


def is_ladder(override: str) -> bool:
    """Whether the override names sizes by the ends of a stretch of the ladder."""
    key, _, value = override.partition("=")
    return key == HIDDEN and DOTS in value.strip("'").split(",")


def size_of(cell: Cell, otherwise: int) -> int:
    """The hidden size that the cell names, or else the one that it is composed with."""
    named = [override.partition("=")[2] for override in cell if override.startswith(f"{HIDDEN}=")]
    return int(named[-1]) if named else otherwise


def sizes(steps: Sequence[str], ladder: Any) -> list[int]:
    """The sizes that the steps name, each `..` replaced by the rungs between its neighbours."""
    from lth.settings import ConfigurationError, rungs

    named: list[int] = []
    for before, step, after in zip(["", *steps], steps, [*steps[1:], ""], strict=False):
        ends = (before, after) if step == DOTS else (step,)
        if not all(end.isdecimal() and int(end) > 0 for end in ends):
            raise ConfigurationError(HIDDEN, ",".join(steps), "must be sizes, with .. between two of them")
        named += rungs(ladder, int(before), int(after))[1:-1] if step == DOTS else [int(step)]
    return list(dict.fromkeys(named))
