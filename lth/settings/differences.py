"""Which keys of two configurations differ, for who is told that they do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lth.settings.errors import written
from lth.settings.same import text_of

MOST = 6  # keys that are named
_NO_MATTER = ("seed", "tracking", "pictures", "trainer.workers", "trainer.accelerator", "origin.folder",
              "dataset.arrays", "dataset.folder")  # fmt: skip
_ABSENT = object()


def differing(before: Mapping[str, Any], now: Mapping[str, Any], *, both: bool = False) -> list[str]:
    """Lines like `model.hidden was 57, is 104`, for keys that say what is computed; `both` for those that both have."""
    old, new = (dict(_flat("", _spelled_out(one))) for one in (before, now))
    keys = [key for key in dict.fromkeys([*new, *old]) if not (both and (key not in old or key not in new))]
    pairs = [(key, old.get(key, _ABSENT), new.get(key, _ABSENT)) for key in keys]
    return [f"{key} was {_said(a)}, is {_said(b)}" for key, a, b in pairs if text_of(a) != text_of(b)]


def listed(lines: Sequence[str]) -> str:
    """The lines as one, the first few of them."""
    more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return "; ".join([*lines[:MOST], *more])


def _flat(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if key in _NO_MATTER:
        return
    if isinstance(value, Mapping) and value:
        for part, inner in value.items():
            yield from _flat(f"{key}.{part}".lstrip("."), inner)
    else:
        yield key, value


def _spelled_out(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with its hidden sizes as a list, which says the depth."""
    model = config.get("model")
    if not isinstance(model, Mapping) or not {"hidden", "depth"} <= model.keys():
        return dict(config)
    hidden, depth = model["hidden"], model["depth"]
    spelled = [hidden] * depth if isinstance(hidden, int) and isinstance(depth, int) and depth <= 4 else hidden
    others = {key: value for key, value in model.items() if key != "depth"}
    return {**config, "model": {**others, "hidden": spelled}}


def _said(value: Any) -> str:
    return "not there" if value is _ABSENT else written(value)
