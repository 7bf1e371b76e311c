"""Where the YAML files lie that come with the program, and what their first lines say."""

from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

import yaml

_INSIDE = Path(__file__).resolve().parents[1] / "conf"  # of a wheel, where a folder beside lth would be anybody's
CONF = _INSIDE if _INSIDE.is_dir() else _INSIDE.parents[1] / "conf"
_SIGNS = ("# @package", "# Claim:", "# Command:", "# Expected:", "# Cost:")


def groups() -> list[str]:
    """Every group that has files to choose from, `pruning/schedule` say, sorted."""
    return sorted({str(path.parent.relative_to(CONF)) for path in CONF.rglob("*.yaml")} - {"."})


def presets(group: str) -> list[str]:
    """The names of a group's files, sorted; none for what is no group."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def values(group: str, name: str) -> dict[str, object]:
    """The keys that a preset gives, as they stand in its file."""
    return yaml.safe_load((CONF / group / f"{name}.yaml").read_text(encoding="utf-8")) or {}


def about(group: str, name: str) -> str:
    """A preset in a line: the first comment of its file that is one, or else what is said of what it builds."""
    path = CONF / group / f"{name}.yaml"
    comment = next(_comments(path), None)
    if comment is not None:
        return comment.removeprefix("Question:").strip()
    target = values(group, name).get("_target_")
    said = resolve_name(str(target)).__doc__ if target else None
    return (said or "").strip().partition("\n")[0]


def _comments(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            return
        if not line.startswith(_SIGNS):
            yield line.removeprefix("#").strip()
