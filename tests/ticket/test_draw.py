"""The picture of a ticket: what is drawn, in which style and colour, and where."""

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from plain_reading import TWO, random_ticket, wires
from tickets import ticket_of

from lth.data.dataset import Task
from lth.ticket import Ticket, analyse, draw
from lth.ticket.layout import layout

WHOLE = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1)]
# Hidden 2 is a zombie, hidden 3 inactive, hidden 4 has no weight.
MASKS = wires((4, 5, 2), *WHOLE, (1, 2, 0), (1, 2, 1), (0, 0, 3))


def _weights(figure: Figure) -> dict[str, LineCollection]:
    found = figure.findobj(lambda artist: isinstance(artist, LineCollection) and artist.get_gid() is not None)
    return {str(lines.get_gid()).split()[0]: lines for lines in found if isinstance(lines, LineCollection)}


def _neurons(figure: Figure, state: str) -> list[int]:
    """Number of neurons drawn in this state, per layer."""
    found = figure.findobj(lambda a: isinstance(a, PathCollection) and str(a.get_gid()).startswith(f"{state} neurons"))
    ordered = sorted(found, key=lambda artist: str(artist.get_gid()))
    return [len(np.asarray(dots.get_offsets())) for dots in ordered if isinstance(dots, PathCollection)]


def _colours(figure: Figure) -> list[str]:
    """Colours of the active weights, layer by layer in the order of the mask."""
    rows = np.asarray(_weights(figure)["active"].get_color())
    return [to_hex((float(red), float(green), float(blue))).upper() for red, green, blue, _ in rows]


def _words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in [*figure.texts, *figure.axes[0].texts, *figure.legends[0].get_texts()])


def test_every_weight_is_drawn_once_in_the_style_of_its_state() -> None:
    lines = _weights(draw.draw(ticket_of(MASKS)))
    assert {state: len(drawn.get_segments()) for state, drawn in lines.items()} == {
        "active": 6,
        "zombie": 2,
        "inactive": 1,
    }
    dashes = {state: str(drawn.get_linestyle()) for state, drawn in lines.items()}
    assert len(set(dashes.values())) == 3


def test_active_weights_have_the_colour_of_their_task() -> None:
    moons, circles = draw.COLOURS[:2]
    assert _colours(draw.draw(ticket_of(MASKS))) == [moons, moons, circles, circles, moons, circles]


def test_a_weight_of_several_tasks_is_black() -> None:
    figure = draw.draw(ticket_of(wires((4, 5, 2), *WHOLE, (1, 0, 1))))
    # Both weights into hidden 0 serve both tasks, and so does the bridge out of it; moons' own way out does not.
    moons, circles, both = *draw.COLOURS[:2], draw.SHARED.upper()
    assert _colours(figure) == [both, both, circles, circles, moons, both, circles]
    assert "several tasks" in _words(figure)


def test_isolated_hidden_neurons_are_left_out_and_lost_inputs_are_not() -> None:
    masks = wires((4, 5, 2), *WHOLE[1:], (1, 2, 0), (1, 2, 1))
    figure = draw.draw(ticket_of(masks))
    assert _neurons(figure, "active") == [3, 2, 2]
    assert _neurons(figure, "zombie") == [0, 1, 0]
    assert _neurons(figure, "inactive") == [1, 0, 0]


def test_title_and_legend_say_what_is_there() -> None:
    words = _words(draw.draw(ticket_of(MASKS, seed=5, level=7)))
    assert "seed 5, level 7: separated (moons|circles)" in words
    assert "9 of 30 weights kept: 6 active, 2 zombie, 1 inactive" in words
    assert "hidden neurons: 2 active, 1 zombie, 2 inactive" in words
    for word in ("moons", "circles", "zombie", "inactive", "2 of 5 active"):
        assert word in words
    assert "several tasks" not in words


def test_the_status_is_the_one_of_the_run() -> None:
    ticket = ticket_of(wires((4, 5, 2), *WHOLE[1:]))
    assert "degraded" in _words(draw.draw(ticket))
    assert "separated (" in _words(draw.draw(replace(ticket, row={"status": "separated"})))


def test_widths_grow_with_the_weights() -> None:
    ticket = ticket_of(MASKS)
    lines = _weights(draw.draw(ticket))["active"]
    widths = np.asarray(lines.get_linewidth())
    order = [(0, 0, 0), (0, 0, 1), (0, 1, 2), (0, 1, 3), (1, 0, 0), (1, 1, 1)]
    sizes = [abs(ticket.weights[layer][end, start]) for layer, end, start in order]
    assert np.argsort(widths).tolist() == np.argsort(sizes).tolist()


def test_the_largest_weights_stand_for_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "MOST_WEIGHTS", 5)
    figure = draw.draw(ticket_of(MASKS))
    assert {state: len(lines.get_segments()) for state, lines in _weights(figure).items()} == {
        "active": 5,
        "zombie": 0,
        "inactive": 0,
    }
    assert "the 5 largest drawn" in _words(figure)


def test_tasks_that_share_nothing_lie_in_bands_of_their_own() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        masks, tasks = random_ticket(rng)
        found = analyse(masks, tasks, cut_limit=0)
        placed = layout(found)
        every = np.concatenate(placed.y)
        assert np.nanmax(every) <= 0
        assert np.nanmin(every) >= -placed.height
        held = [set(np.flatnonzero(row)) for row in found.holds]
        for above, below in pairwise(found.parts):
            high = [_heights(found.labels, placed.y, held, set(part)) for part in (above, below)]
            assert high[0].min(initial=0) > high[1].max(initial=-np.inf)
        for layer, y in enumerate(placed.y):
            isolated = [
                0 < layer < len(masks) and not masks[layer - 1][i].any() and not masks[layer][:, i].any()
                for i in range(len(y))
            ]
            assert np.isnan(y).tolist() == isolated
            placed_here = y[~np.isnan(y)]
            assert len(np.unique(placed_here)) == len(placed_here)


def _heights(labels: tuple, y: tuple, held: list[set], part: set) -> np.ndarray:
    mine = [index for index, tasks in enumerate(held) if tasks & part]
    return np.concatenate([heights[np.isin(label, mine)] for label, heights in zip(labels, y, strict=True)])


def _large(shape: tuple[int, ...], tasks: tuple[Task, ...], density: float) -> Ticket:
    rng = np.random.default_rng(0)
    return ticket_of([rng.random((out, fan_in)) < density for fan_in, out in pairwise(shape)], tasks)


@pytest.mark.parametrize(
    ("shape", "density"), [((4, 57, 57, 2), 0.04), ((128, 64, 64, 20), 0.05), ((4, 2), 0.5), ((4, 300, 300, 2), 1.0)]
)
def test_pictures_of_any_size_are_saved(shape: tuple[int, ...], density: float) -> None:
    half, out = shape[0] // 2, shape[-1] // 2
    blocks = [(range(half), range(out)), (range(half, 2 * half), range(out, 2 * out))]
    tasks = tuple(Task(f"t{n}", tuple(i), tuple(o), "values") for n, (i, o) in enumerate(blocks))
    figure = draw.draw(_large(shape, tasks, density))
    file = BytesIO()
    figure.savefig(file, format="png", dpi=60)
    assert file.getvalue().startswith(b"\x89PNG")
    assert figure.get_figheight() <= 16
    _nothing_overlaps(figure)


def _nothing_overlaps(figure: Figure) -> None:
    """No text leaves the picture, and neither title nor layer names run into the legend."""
    texts = [*figure.texts, *figure.axes[0].texts]
    boxes = [text.get_window_extent() for text in texts] + [figure.legends[0].get_window_extent()]
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y0 >= 0
        assert box.y1 <= figure.bbox.y1
    assert all(not box.overlaps(boxes[-1]) for box in boxes[:-1])


def test_two_moons_ticket_uses_no_global_state() -> None:
    import matplotlib.pyplot as plt

    draw.draw(ticket_of(MASKS, TWO))
    assert plt.get_fignums() == []
