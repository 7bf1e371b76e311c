"""The rooms of lth/: a room imports from those below it alone, and analysis never imports what trains."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = (  # from the top; rooms of one floor do not import each other
    "hydra_plugins run retrain dashboard list door __main__", "ledger report comparison reference", "figures",
    "evidence", "collect", "measures", "controls bench", "command", "results", "jobs", "record", "tracking", "training",
    "ticket", "settings", "stack", "method", "data", "statistics files", "randomness terminal",
)  # fmt: skip
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms.split()}
ANALYSIS = ("results", "figures", "collect", "evidence", "ledger", "report")
TRAINING = ("lightning", "pytorch_lightning", "hydra", "lth.training", "lth.jobs")


@cache
def modules() -> dict[str, Path]:
    """Every module by its name; a package has the name of its folder."""
    paths = [path for top in ("lth", "hydra_plugins") for path in sorted((ROOT / top).rglob("*.py"))]
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)
    return dict(zip(names, paths, strict=True))


@cache
def imports(module: str) -> frozenset[str]:
    """What a module imports anywhere in it, by full names: the module where there is one of that name."""
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return frozenset(name for node in ast.walk(ast.parse(path.read_text())) for name in _named(node, package))


def _named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *filter(None, [node.module])])
        for alias in node.names:
            yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base


def room_of(module: str) -> str:
    """The room of a module of ours; a module that stands in lth/ itself is one."""
    top, *rest = module.split(".")
    return rest[0] if top == "lth" and rest else top


def reached(module: str) -> dict[str, list[str]]:
    """Every name that importing a module can bring along, each with a way there; packages bring their __init__."""
    ways = {module: [module]}
    waiting = [module]
    while waiting:
        one = waiting.pop()
        for name in imports(one) if one in modules() else ():
            parts = name.split(".")
            for found in (".".join(parts[:length]) for length in range(1, len(parts) + 1)):
                if found not in ways:
                    ways[found] = [*ways[one], found]
                    waiting.append(found)
    return ways


def test_every_room_has_its_floor() -> None:
    assert {room_of(module) for module in modules()} - {"lth"} | {"report"} == FLOOR.keys()  # a page to come


def test_arrows_between_rooms_point_down() -> None:
    ours = ("lth", "hydra_plugins")
    arrows = [(module, name) for module in modules() for name in imports(module) if name.split(".")[0] in ours]
    between = [(module, name) for module, name in arrows if room_of(module) != room_of(name) and name != "lth"]
    assert len(between) > 100
    up = [f"{module} imports {name}" for module, name in between if FLOOR[room_of(module)] >= FLOOR[room_of(name)]]
    assert up == []


@pytest.mark.parametrize("room", [room for room in ANALYSIS if (ROOT / "lth" / room).is_dir()])
def test_analysis_never_imports_what_trains(room: str) -> None:
    """Nor does anything that it imports: training and analysis meet on disk alone."""
    for module in (module for module in modules() if room_of(module) == room):
        for name, way in reached(module).items():
            assert not any(name == one or name.startswith(f"{one}.") for one in TRAINING), " → ".join(way)


@pytest.mark.parametrize("name", ["Job", "Tables", "Stack"])
def test_a_name_stands_for_one_thing(name: str) -> None:
    places = defaultdict(list)
    for module, path in modules().items():
        for node in ast.parse(path.read_text()).body:
            named = [node] if isinstance(node, ast.ClassDef) else getattr(node, "targets", [])
            for one in named:
                places[getattr(one, "name", getattr(one, "id", ""))].append(module)
    assert len(places[name]) <= 1
    assert places["Job"] == ["lth.training.job"]


def test_the_reading_of_imports_sees_them_all() -> None:
    """Relative and late ones, names of modules and names in modules."""
    node = ast.parse("from . import runs\nfrom .runs import SeedRuns\ndef late():\n    import lth.files.seal").body
    found = [name for outer in node for one in ast.walk(outer) for name in _named(one, "lth.tracking")]
    assert found == ["lth.tracking.runs", "lth.tracking.runs", "lth.files.seal"]
    way = reached("lth.figures.__main__")["lth.collect.reading"]
    assert all(two in modules() and one in modules() for one, two in pairwise(way))
