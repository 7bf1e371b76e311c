"""The seeds of a stack as users type them."""

import re
from collections import Counter
from typing import Any

MOST_SEEDS = 10_000
LARGEST_SEED = 2**63 - 1
ALLOWED = (
    "must be an integer, a list [0,1,5] or 0,1,5, an inclusive range 0..9 or range(0,10); "
    "each seed different and 0 or more"
)
_RANGES = (re.compile(r"(\d{1,19})\.\.(\d{1,19})"), re.compile(r"range\((?:(\d{1,19}),)?(\d{1,19})\)"))


def parse_seeds(value: Any) -> tuple[int, ...]:
    """The seeds of `3`, `[0, 1, 5]`, `"0,1,5"`, `"0..9"` (inclusive) or `"range(0,10)"` (exclusive), in that order.

    Raises ValueError saying what is allowed for anything else: no seed, a negative one, one twice, a falling range,
    more than 10 000 of them.
    """
    seeds = _read(value)
    if twice := [seed for seed, times in Counter(seeds).items() if times > 1]:
        raise ValueError(f"a duplicate: {', '.join(map(str, twice[:5]))}; {ALLOWED}")
    if not seeds or not all(0 <= seed <= LARGEST_SEED for seed in seeds):
        raise ValueError(ALLOWED)
    return tuple(seeds)


def write_seeds(seeds: tuple[int, ...]) -> str:
    """The shortest text of which `parse_seeds` makes these seeds: `3`, `0..9` or `[0,1,5]`."""
    if seeds == tuple(range(seeds[0], seeds[-1] + 1)):
        return str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]}..{seeds[-1]}"
    return f"[{','.join(map(str, seeds))}]"


def _read(value: Any) -> list[int]:
    if isinstance(value, bool):
        raise ValueError(ALLOWED)
    if isinstance(value, int):
        return [value]
    if isinstance(value, list | tuple):
        if not all(isinstance(seed, int) and not isinstance(seed, bool) for seed in value):
            raise ValueError(ALLOWED)
        return list(value)
    if not isinstance(value, str):
        raise ValueError(ALLOWED)
    return _read_text(re.sub(r"\s*(,|\.\.|[\[\]()])\s*", r"\1", value.strip().strip("\"'")))


def _read_text(text: str) -> list[int]:
    inclusive, exclusive = (pattern.fullmatch(text) for pattern in _RANGES)
    if inclusive or exclusive:
        first, last = _span(inclusive) if inclusive else _span(exclusive)
        last += inclusive is not None
        if not 0 < last - first <= MOST_SEEDS:
            raise ValueError(f"{ALLOWED}; a range must rise, over at most {MOST_SEEDS} seeds")
        return list(range(first, last))
    inside = text[1:-1] if re.fullmatch(r"\[.*\]", text) else text
    if not re.fullmatch(r"\d{1,19}(,\d{1,19})*", inside):
        raise ValueError(ALLOWED)
    return [int(seed) for seed in inside.split(",")]


def _span(match: re.Match[str] | None) -> tuple[int, int]:
    assert match
    return int(match[1] or 0), int(match[2])
