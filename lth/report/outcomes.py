"""The page's first part: what became of the runs, one row per configuration, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence

from lth.report.found import Configuration, Seed, plain, short
from lth.report.markup import Markup, element, together
from lth.statistics import Interval, wilson

WORDS = {
    "separated": "at some level every task had a subnetwork of its own, and no task was ever damaged",
    "separated-degraded": "separated at some level; at a later one a task lost an input or output",
    "degraded": "a task lost an input or output before the tasks had come apart",
    "interconnected": "the tasks still share weights at the last level",
    "fragmented": "a task is spread over several subnetworks that share nothing, at the last level",
}
_SEPARATED = ("separated", "separated-degraded")
_WIDE, _HIGH = 140, 14  # of an interval's drawing, in pixels


def outcomes(configurations: Sequence[Configuration]) -> Markup:
    """A sentence, the table of rates, and what the words mean; nothing of it needs the browser's script."""
    seeds = [seed for one in configurations for seed in one.seeds]
    finished = [seed for seed in seeds if seed.state == "finished"]
    words = [word for word in WORDS if any(seed.outcome == word for seed in finished)]
    rate = _rate(finished)
    sentence = (
        f"{_separated(finished)} of {len(finished)} finished runs separated at some level"
        f" ({_percent(rate.value)}, 95 % interval {_percent(rate.low)} to {_percent(rate.high)})."
        if finished
        else "No run is finished yet."
    )
    meanings = [(element("dt", word), element("dd", WORDS[word])) for word in words]
    return together(
        [
            element("p", sentence, class_="lead"),
            element("div", _table(configurations, words), class_="scroll"),
            element("p", _explained(), class_="note"),
            element("dl", meanings, class_="words") if meanings else None,
            _not_finished(seeds),
        ]
    )


def _rate(finished: Sequence[Seed]) -> Interval:
    return wilson(_separated(finished), len(finished))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\u00a0%"


def _separated(finished: Sequence[Seed]) -> int:
    return sum(seed.outcome in _SEPARATED for seed in finished)


def _table(configurations: Sequence[Configuration], words: Sequence[str]) -> Markup:
    keys = list(configurations[0].values)
    headings = [*map(short, keys), "runs", *words, "separated at some level", "95 % interval", "active weights then"]
    head = element("thead", element("tr", [element("th", text, scope="col") for text in headings]))
    return element("table", head, element("tbody", [_row(one, words) for one in configurations]), class_="numbers")


def _row(one: Configuration, words: Sequence[str]) -> Markup:
    finished = [seed for seed in one.seeds if seed.state == "finished"]
    counts = [sum(seed.outcome == word for seed in finished) for word in words]
    sizes = [seed.active_at_separation for seed in finished if seed.active_at_separation is not None]
    cells: list[object] = [*map(plain, one.values.values()), len(finished), *counts]
    if finished:
        rate = _rate(finished)
        text = f"{_percent(rate.low)} to {_percent(rate.high)}"
        cells += [_percent(rate.value), together([_drawn(rate, text), " ", text])]
    else:
        cells += ["–", "–"]
    cells.append(f"{sum(sizes) / len(sizes):.1f}" if sizes else "–")
    return element("tr", [element("td", cell) for cell in cells])


def _drawn(rate: Interval, text: str) -> Markup:
    """The rate as a dot on its interval, on a line from 0 to 1."""
    middle, edge = _HIGH / 2, 5
    x = [edge + (_WIDE - 2 * edge) * value for value in (0, 1, rate.low, rate.high, rate.value)]
    parts = [
        element("line", x1=x[0], x2=x[1], y1=middle, y2=middle, class_="rail"),
        element("line", x1=round(x[2], 1), x2=round(x[3], 1), y1=middle, y2=middle, class_="interval"),
        element("circle", cx=round(x[4], 1), cy=middle, r=4, class_="rate"),
    ]
    view = {"width": _WIDE, "height": _HIGH, "viewBox": f"0 0 {_WIDE} {_HIGH}"}
    return element("svg", parts, role="img", aria_label=f"interval from {text}", **view)


def _explained() -> str:
    return (
        "Runs: finished ones, a seed each; a seed that two folders have counts once. The dot is the share that"
        " separated at some level, degraded later or not; the thick line its 95 % Wilson interval, from 0 to 100 %."
        " Active weights then: mean over these runs, at their first separation."
    )


def _not_finished(seeds: Sequence[Seed]) -> Markup | None:
    named = [
        ": ".join(filter(None, (seed.state, seed.name, seed.failure))) for seed in seeds if seed.state != "finished"
    ]
    if not named:
        return None
    summary = element("summary", f"{len(named)} not finished, and not counted")
    return element("details", summary, element("ul", [element("li", text) for text in named]))
