"""The picture of a ticket: what is drawn, in which style and colour, and where."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from picture_reading import MASKS, WHOLE, colours_of, large_ticket, neurons_of, nothing_overlaps, weights_of, words_of
from plain_reading import TWO, random_ticket, wires
from tickets import ticket_of

from lth.data.dataset import Task
from lth.ticket import analyse, draw
from lth.ticket.layout import layout
from lth.ticket.picture.scene import COLOURS, SHARED


def test_every_weight_is_drawn_once_in_the_style_of_its_state() -> None:
    lines = weights_of(draw.draw(ticket_of(MASKS)))
    assert {state: len(drawn.get_segments()) for state, drawn in lines.items()} == {
        "active": 6,
        "zombie": 2,
        "inactive": 1,
    }
    dashes = {state: str(drawn.get_linestyle()) for state, drawn in lines.items()}
    assert len(set(dashes.values())) == 3


def test_active_weights_have_the_colour_of_their_task() -> None:
    moons, circles = COLOURS[:2]
    assert colours_of(draw.draw(ticket_of(MASKS))) == [moons, moons, circles, circles, moons, circles]


def test_a_weight_of_several_tasks_is_black() -> None:
    figure = draw.draw(ticket_of(wires((4, 5, 2), *WHOLE, (1, 0, 1))))
    # Both weights into hidden 0 serve both tasks, and so does the bridge out of it; moons' own way out does not.
    moons, circles, both = *COLOURS[:2], SHARED.upper()
    assert colours_of(figure) == [both, both, circles, circles, moons, both, circles]
    assert "several tasks" in words_of(figure)


def test_isolated_hidden_neurons_are_left_out_and_lost_inputs_are_not() -> None:
    masks = wires((4, 5, 2), *WHOLE[1:], (1, 2, 0), (1, 2, 1))
    figure = draw.draw(ticket_of(masks))
    assert neurons_of(figure, "active") == [3, 2, 2]
    assert neurons_of(figure, "zombie") == [0, 1, 0]
    assert neurons_of(figure, "inactive") == [1, 0, 0]


def test_widths_grow_with_the_weights() -> None:
    ticket = ticket_of(MASKS)
    lines = weights_of(draw.draw(ticket))["active"]
    widths = np.asarray(lines.get_linewidth())
    order = [(0, 0, 0), (0, 0, 1), (0, 1, 2), (0, 1, 3), (1, 0, 0), (1, 1, 1)]
    sizes = [abs(ticket.weights[layer][end, start]) for layer, end, start in order]
    assert np.argsort(widths).tolist() == np.argsort(sizes).tolist()


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


@pytest.mark.parametrize(
    ("shape", "density"), [((4, 57, 57, 2), 0.04), ((128, 64, 64, 20), 0.05), ((4, 2), 0.5), ((4, 300, 300, 2), 1.0)]
)
def test_pictures_of_any_size_are_saved(shape: tuple[int, ...], density: float) -> None:
    half, out = shape[0] // 2, shape[-1] // 2
    blocks = [(range(half), range(out)), (range(half, 2 * half), range(out, 2 * out))]
    tasks = tuple(Task(f"t{n}", tuple(i), tuple(o), "values") for n, (i, o) in enumerate(blocks))
    figure = draw.draw(large_ticket(shape, tasks, density))
    file = BytesIO()
    figure.savefig(file, format="png", dpi=60)
    assert file.getvalue().startswith(b"\x89PNG")
    assert figure.get_figheight() <= 16
    nothing_overlaps(figure)


def test_two_moons_ticket_uses_no_global_state() -> None:
    import matplotlib.pyplot as plt

    draw.draw(ticket_of(MASKS, TWO))
    assert plt.get_fignums() == []
