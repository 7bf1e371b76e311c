"""docs/keys.md: every key of a configuration, from the schema, and every choice, from the files of conf/."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lth.command.compose import CONF
from lth.reference import conf
from lth.reference.markdown import table
from lth.settings.errors import written
from lth.settings.fields import Piece
from lth.settings.pruning import ByLayer, Extension, Geometric, ThroughDensities, ToDensity
from lth.settings.schema import Settings

_INTRO = """# Keys

Made by `python -m lth.reference` from the schema and from `conf/`. A key is typed as `key=value`, a choice as
`group=name`; what a key must be is what the program says to who types something else. Defaults are those of the default
choices; `null` is none.
"""
_SEED = "must be an integer, a list of different ones, or an inclusive range 0..9"
_NAMES = {"model.hidden": "integer or list", "seed": "integers", "tracking.tags": "list"}
_TYPES = {int: "integer", float: "number", bool: "switch", str: "text"}
_DEFAULTS = {"pruning.schedule": "extension", "pruning.rewind": "late"}  # the choice whose values stand for the group's

_SCHEDULES = {
    Extension: "extension", Geometric: "geometric", ToDensity: "density", ThroughDensities: "densities",
    ByLayer: "by_layer",
}  # fmt: skip


def page() -> str:
    """The page as Markdown."""
    defaults, comments = _said()
    top = ("seed", "pictures")
    sections = [("", _rows(Settings, "", top, defaults, comments))]
    for name, field in Settings.model_fields.items():
        if name not in top:
            sections.append((name, list(_section(name, field, defaults, comments))))
    keys = "\n".join(f"### {name or 'Of the run itself'}\n\n{_keys(rows)}" for name, rows in sections if rows)
    choices = "\n".join(_choices(name) for name in conf.groups())
    return f"{_INTRO}\n## All keys\n\n{keys}\n## All choices\n\n{choices}"


def _said() -> tuple[dict[str, Any], dict[str, str]]:
    """The default of every key, and what conf/ says behind it."""
    values, comments = {}, {}
    files = [("", conf.read(CONF / "config.yaml"))]
    for group in conf.groups():
        key, chosen = group.replace("/", "."), _chosen(group)
        files += [(f"{key}.", one) for one in conf.group(group) if one.name == chosen]
        if key in _DEFAULTS:
            files += [(f"{key}.", one) for one in conf.group(group) if one.name != chosen]
    for prefix, one in files:
        values |= {f"{prefix}{name}": value for name, value in one.values.items() if f"{prefix}{name}" not in values}
        comments |= {
            f"{prefix}{name}": text for name, text in one.comments.items() if f"{prefix}{name}" not in comments
        }
    return values, comments


def _chosen(group: str) -> str:
    """The default choice of a group."""
    outer, _, inner = group.partition("/")
    file = conf.CONF / ("config.yaml" if not inner else f"{outer}/{_chosen(outer)}.yaml")
    found = conf.yaml_of(file.read_bytes())["defaults"]
    return next(str(one[inner or outer]) for one in found if one != "_self_" and (inner or outer) in one)


def _section(key: str, field: FieldInfo, defaults: dict[str, Any], comments: dict[str, str]) -> Iterator[tuple]:
    """The rows of a group of keys, and of the groups within it."""
    for model in _models(field.annotation):
        own, said = {**defaults, **_of_schedule(model)[0]}, {**comments, **_of_schedule(model)[1]}
        inner = [name for name, one in model.model_fields.items() if _models(one.annotation)]
        names = tuple(name for name, one in model.model_fields.items() if name not in inner and not _is_piece(one))
        yield from _rows(model, f"{key}.", names, own, said)
        for name in inner:
            yield from _section(f"{key}.{name}", model.model_fields[name], defaults, comments)


def _is_piece(field: FieldInfo) -> bool:
    """Whether a key names what is built, which is a choice, and `_target_` itself."""
    return field.alias is not None or Piece in (field.annotation, *get_args(field.annotation))


def _of_schedule(model: type[BaseModel]) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and comments of the schedule that a section is of: they have keys of the same names."""
    if model not in _SCHEDULES:
        return {}, {}
    file = conf.read(CONF / "pruning" / "schedule" / f"{_SCHEDULES[model]}.yaml")
    place = "pruning.schedule."
    return {f"{place}{key}": one for key, one in file.values.items()}, {
        f"{place}{key}": one for key, one in file.comments.items()
    }


def _rows(
    model: type[BaseModel], prefix: str, names: tuple[str, ...], defaults: dict[str, Any], comments: dict[str, str]
) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for name in names:
        field, key = model.model_fields[name], f"{prefix}{name}"
        allowed = (field.description or _inner(field) or _SEED).removeprefix("must be ")
        default = written(defaults[key]) if key in defaults else "-"
        note = f" ({_SCHEDULES[model]})" if model in _SCHEDULES else ""
        rows.append((f"`{key}`{note}", _type(key, field), f"`{default}`", allowed, meaning(field, comments.get(key))))
    return rows


def meaning(field: FieldInfo, comment: str | None) -> str:
    """What a key is for: the field's title, or what conf/ says behind its default."""
    return field.title or comment or ""


def _keys(rows: list[Any]) -> str:
    return table(("key", "type", "default", "must be", "meaning"), rows)


def _choices(group: str) -> str:
    """Every file of a group, with the keys that it has."""
    chosen = _chosen(group)
    nothing, rows = group.rpartition("/")[2], []  # what `none` sets to null
    for one in conf.group(group):
        own = [f"`{name}={written(value)}`" for name, value in one.values.items() if name != nothing]
        name = f"`{one.name}`{' (default)' if one.name == chosen else ''}"
        rows.append((name, one.says or ("nothing" if one.name == "none" else ""), ", ".join(own)))
    return f"### {group}\n\n{table(('choice', 'what', 'its keys'), rows)}"


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The sections that an annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [] if annotation is Piece else [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _inner(field: FieldInfo) -> str | None:
    """The description within an annotation, where the field has none of its own."""
    parts = [field.annotation, *field.metadata]
    while parts:
        part = parts.pop(0)
        if isinstance(part, FieldInfo) and part.description:
            return part.description
        parts += [*get_args(part), *getattr(part, "__metadata__", ())]
    return None


def _type(key: str, field: FieldInfo) -> str:
    if key in _NAMES:
        return _NAMES[key]
    parts = [field.annotation]
    while parts:
        part = parts.pop(0)
        if part in _TYPES:
            return _TYPES[part]
        if get_args(part) and all(isinstance(one, str) for one in get_args(part)):
            return "word"
        parts += get_args(part)
    return "text"
