"""Putting the page together: one HTML file that asks for nothing from anywhere else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from lth.files.atomic import write_atomic
from lth.report.chain import read
from lth.report.found import Configuration, Found, Seed, find
from lth.report.markup import Markup, element
from lth.report.outcomes import outcomes
from lth.report.packing import pack
from lth.report.pictures import pictures

Watch = Callable[[list[tuple[int, Seed]]], Iterable[tuple[int, Seed]]]
_STYLES = ("look.css", "viewer.css")
_SCRIPTS = (
    *("unpack.js", "ticket.js", "words.js", "palette.js", "places.js", "marks.js", "picture.js", "flow.js", "group.js"),
    *("neuron.js", "charts.js", "legend.js", "facts.js", "viewer.js", "keys.js", "start.js"),
)
_PARTS = {"outcomes": "Outcomes", "figures": "Figures", "viewer": "Tickets", "words": "Words", "left-out": "Left out"}
_EXPERIMENT = re.compile(r"\bexperiment=([A-Za-z0-9_-]+)")
_MOST_SEEDS = 10  # drawn of one configuration
_MOST_RUNS = 100  # drawn in one page, unless asked for


@dataclass
class _Viewed:
    """What the viewer gets: configurations with their packed seeds; notes name what was left out."""

    configurations: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write(
    folder: Path, target: Path, *, seeds: int | None = None, words: Sequence[str] = (), watch: Watch = iter
) -> list[str]:
    """Write the page of a run, a sweep or an experiment to `target`; returns what was left out, a line each.

    `seeds` of each configuration are drawn in the viewer, by default up to 10, and up to 100 in all; the outcomes
    count every run. `words` are the arguments of the command, which the page names. `watch` sees the seeds go by as
    their tickets are read. Raises ResultsError where no run folder is found, RecordError when the page cannot be
    written.
    """
    found = find(folder)
    viewed = _viewed(found.configurations, seeds, watch)
    notes = [*found.faults, *viewed.notes]
    write_atomic(target, _page(found, viewed, notes, words).encode())
    return notes


def _viewed(configurations: Sequence[Configuration], seeds: int | None, watch: Watch) -> _Viewed:
    most = seeds or max(1, min(_MOST_SEEDS, _MOST_RUNS // len(configurations)))
    viewed = _Viewed()
    known = [[seed for seed in one.seeds if seed.number is not None] for one in configurations]
    chosen = [(index, seed) for index, group in enumerate(known) for seed in group[:most]]
    packed: list[list[dict[str, Any]]] = [[] for _ in configurations]
    for index, seed in watch(chosen):
        packed[index] += _packed(seed, viewed.notes)
    for one, drawn in zip(configurations, packed, strict=True):
        if drawn:
            viewed.configurations.append({"label": one.label, "seeds": drawn})
    viewed.notes += _not_viewed(
        [(one.label, len(group)) for one, group in zip(configurations, known, strict=True)], most
    )
    return viewed


def _not_viewed(seeds: Sequence[tuple[str, int]], most: int) -> Iterator[str]:
    """How many seeds are counted only: a line for configurations that are alike in it, not one for each of them."""
    for number in sorted({number for _, number in seeds if number > most}):
        alike = [label for label, known in seeds if known == number]
        whose = alike[0] if len(alike) == 1 else f"{len(alike)} configurations, each"
        more = f"{number - most} more seed{'s' * (number - most > 1)}"
        yield f"{whose}: {more}, counted but not in the viewer (--seeds {number})"


def _packed(seed: Seed, notes: list[str]) -> list[dict[str, Any]]:
    """The seed as the viewer takes it, or nothing; what is left out of it is added to the notes."""
    chain = read(seed)
    notes += chain.faults
    if chain.network:
        data = pack(seed, chain, chain.network)
        return [{"seed": seed.number, "outcome": seed.outcome or seed.state, "data": data}]
    if not chain.faults:
        notes.append(f"{seed.name}: no ticket")
    return []


def _page(found: Found, viewed: _Viewed, notes: Sequence[str], words: Sequence[str]) -> str:
    style = "\n".join(_part(name) for name in _STYLES)
    script = '"use strict";\n(() => {\n' + "\n".join(_part(name) for name in _SCRIPTS) + "\n})();"
    name = found.folder.resolve().name
    figures = _figures(found)
    sections = {"outcomes": True, "figures": figures, "viewer": True, "words": True, "left-out": notes}
    links = [element("a", _PARTS[name], href=f"#{name}") for name, there in sections.items() if there]
    fills = {
        "title": element("title", f"{name} · lth"),
        "policy": _policy(style, script),
        "style": Markup(f"<style>{style}</style>"),
        "heading": element("h1", name),
        "origin": _origin(found, words),
        "outcomes": outcomes(found.configurations),
        "nav": element("nav", links, aria_label="parts of the page"),
        "figures": figures or "",
        "notes": _notes(notes) or "",
        "data": Markup(f'<script type="application/json" id="data">{_json(viewed.configurations)}</script>'),
        "script": Markup(f"<script>{script}</script>"),
    }
    return Template(_part("page.html")).substitute(fills)


def _part(name: str) -> str:
    return (files("lth.report") / "template" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> Markup:
    """The browser itself refuses every request and every script but the page's own."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    rules = f"default-src 'none'; img-src data:; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'"
    return Markup(f'<meta http-equiv="Content-Security-Policy" content="{rules}">')


def _json(content: Any) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _origin(found: Found, words: Sequence[str]) -> Markup:
    """Which commands made the data and the page, and when."""
    shown = [element("code", command) for command in found.commands[:5]] or ["a command that is not known any more"]
    more = len(found.commands) - 5
    page = element("code", shlex.join(["python", "-m", "lth.report", *words]))
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    data = [(code, " ") for code in shown]
    return element(
        "div",
        element("p", "The data were made by ", data, f"and {more} more commands" if more > 0 else None),
        element("p", "This page was made by ", page, f" on {when}; it asks for nothing from anywhere else."),
        class_="origin",
    )


def _figures(found: Found) -> Markup | None:
    """The figures of the folder's tables; of an experiment without tables the command that makes them."""
    drawn = pictures(found.folder)
    if not drawn:
        return _without_tables(found)
    parts = [
        element(
            "figure",
            Markup(f'<img alt="figure {picture.name}" width="{picture.width}" src="{picture.address}">')
            if picture.address
            else None,
            element("figcaption", "; ".join([picture.name, *picture.lacks])),
        )
        for picture in drawn
    ]
    return element("section", element("h2", "Figures"), element("div", parts, class_="figures"), id="figures")


def _without_tables(found: Found) -> Markup | None:
    named = {match[1] for command in found.commands if (match := _EXPERIMENT.search(command))}
    if not named:
        return None
    tables = found.folder / "tables"
    commands = [
        element("code", shlex.join(["python", "-m", "lth.collect", name, str(found.folder), "--to", str(tables)]))
        for name in sorted(named)
    ]
    text = "No figures, for no tables were collected here. This page, made again, has them after "
    return element("section", element("h2", "Figures"), element("p", text, commands, class_="note"), id="figures")


def _notes(notes: Sequence[str]) -> Markup | None:
    if not notes:
        return None
    items = element("ul", [element("li", note) for note in notes])
    return element("section", element("h2", "Left out"), items, id="left-out")
