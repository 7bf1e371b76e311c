"""Seconds, seeds and stacks in few letters."""

from collections import Counter
from collections.abc import Sequence


def duration(seconds: float) -> str:
    """Seconds as 40 s, 12 min or 3 h 05 min."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def clock(seconds: float) -> str:
    """Seconds as 0:41, 12:05 or 3:05:10."""
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes}:{second:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{second:02d}"


def compact(seeds: Sequence[int]) -> str:
    """Seeds as 0..9, or listed when they have gaps."""
    first, last = seeds[0], seeds[-1]
    if len(seeds) > 2 and tuple(seeds) == tuple(range(first, last + 1)):
        return f"{first}..{last}"
    return ",".join(map(str, seeds))


def names_apart(cells: Sequence[Sequence[str]]) -> list[str]:
    """What to call each of a sweep's stacks: its overrides without those that all of them have, by short keys.

    `model.hidden=8` is `hidden=8` where no other key of the names ends so. Where that leaves nothing of a name, or
    makes two the same, all are called by the whole of their overrides.
    """
    shared = set.intersection(*map(set, cells)) if len(cells) > 1 else set()
    own = [[override for override in cell if override not in shared] for cell in cells]
    keys = {override.partition("=")[0] for cell in own for override in cell}
    count = Counter(_last(key) for key in keys)
    names = [" ".join(_short(override, count) for override in cell) for cell in own]
    if all(names) and len(set(names)) == len(names):
        return names
    return [" ".join(cell) for cell in cells]


def _short(override: str, count: Counter[str]) -> str:
    key, equals, value = override.partition("=")
    return f"{_last(key) if count[_last(key)] == 1 else key}{equals}{value}"


def _last(key: str) -> str:
    return key.replace("/", ".").rpartition(".")[2]
