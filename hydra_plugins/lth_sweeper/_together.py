"""The grid of a sweep: every value of a key with every value of the others, but for keys that go together in step.

Hydra leaves modules out of its search for plugins whose names begin with an underscore.
"""

from collections.abc import Sequence
from itertools import product

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.types import Override

from hydra_plugins.lth_sweeper._ladder import Cell

TOGETHER = "hydra.sweeper.together"


def cells(overrides: Sequence[Override], together: Sequence[str]) -> list[Cell]:
    """The cells of the grid; of the keys `together` the first value goes with the first, and so on.

    One of them that has a single value has it everywhere. Raises ConfigurationError for keys that are not swept, and
    for unequally many values.
    """
    lists = {one.get_key_element(): _values(one) for one in overrides}  # what is typed last replaces the others
    _check(together, {key: len(values) for key, values in lists.items()})
    in_step = [key in together and len(values) > 1 for key, values in lists.items()]
    numbered = product(*(enumerate(values) for values in lists.values()))
    return [
        [value for _, value in cell]
        for cell in numbered
        if len({place for (place, _), stepped in zip(cell, in_step, strict=True) if stepped}) <= 1
    ]


def _values(override: Override) -> list[str]:
    """The key with each of its values, as Hydra's own sweeper spells them."""
    return [value for cell in BasicSweeper.split_arguments([override], None)[0] for value in cell]


def _check(together: Sequence[str], known: dict[str, int]) -> None:
    from lth.settings import ConfigurationError

    typed = ",".join(map(str, together))
    for key in together:
        if key not in known:
            raise ConfigurationError(TOGETHER, typed, f"must be keys that are swept, and {key} is not")
    counts = {key: known[key] for key in together if known[key] > 1}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count} of {key}" for key, count in counts.items())
        raise ConfigurationError(TOGETHER, typed, f"must be keys of equally many values, not {told}")
