"""The picture of a ticket: what is drawn, in which style and colour, and where."""

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from plain_reading import TWO, random_ticket, wires
from tickets import ticket_of

from lth.data.dataset import Task
from lth.ticket import Ticket, analyse, draw
from lth.ticket.layout import layout
from lth.ticket.picture.groups import groups, streams
from lth.ticket.picture.scene import COLOURS, SHARED, Scene
from lth.ticket.states import State, reach

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


def _flat(figure: Figure) -> str:
    """The words, however their lines are broken."""
    return " ".join(_words(figure).split())


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
    moons, circles = COLOURS[:2]
    assert _colours(draw.draw(ticket_of(MASKS))) == [moons, moons, circles, circles, moons, circles]


def test_a_weight_of_several_tasks_is_black() -> None:
    figure = draw.draw(ticket_of(wires((4, 5, 2), *WHOLE, (1, 0, 1))))
    # Both weights into hidden 0 serve both tasks, and so does the bridge out of it; moons' own way out does not.
    moons, circles, both = *COLOURS[:2], SHARED.upper()
    assert _colours(figure) == [both, both, circles, circles, moons, both, circles]
    assert "several tasks" in _words(figure)


def test_isolated_hidden_neurons_are_left_out_and_lost_inputs_are_not() -> None:
    masks = wires((4, 5, 2), *WHOLE[1:], (1, 2, 0), (1, 2, 1))
    figure = draw.draw(ticket_of(masks))
    assert _neurons(figure, "active") == [3, 2, 2]
    assert _neurons(figure, "zombie") == [0, 1, 0]
    assert _neurons(figure, "inactive") == [1, 0, 0]


def test_title_and_legend_say_what_is_there() -> None:
    words = _flat(draw.draw(ticket_of(MASKS, seed=5, level=7), "dataset made"))
    assert "seed 5, level 7 – separated: moons and circles each have a subnetwork of their own" in words
    assert "dataset made 9 of 30 weights kept: 6 active, 2 zombie, 1 inactive" in words
    assert "hidden neurons: 2 active, 1 zombie, 2 inactive" in words
    assert "not drawn: pruned weights; 1 hidden neuron without any weight" in words
    for word in ("serves moons alone", "serves circles alone", "inactive: no output hears it", "2 of 5 active"):
        assert word in words
    assert "several tasks" not in words
    assert "lost" not in words


def test_the_legend_says_what_a_width_is() -> None:
    ticket = ticket_of(MASKS)
    most = max(abs(layer).max() for layer in ticket.weights)
    assert f"width: size of the weight, |w|, up to {most:.2g}" in _words(draw.draw(ticket))


@pytest.mark.parametrize("bias", [0.5, -0.5])
def test_the_legend_says_which_zombies_are_heard(bias: float) -> None:
    ticket = ticket_of(MASKS)
    ticket.biases[0][:] = bias
    words = _words(draw.draw(ticket))
    assert ("audible" in words) == (bias > 0)
    assert ("silent" in words) == (bias < 0)


def test_marks_of_lost_inputs_and_outputs_are_explained_where_there_are_any() -> None:
    lost = _words(draw.draw(ticket_of(wires((4, 5, 2), *WHOLE[1:5]))))
    assert "× at the inputs: no output hears it, lost by the task of its colour" in lost
    assert "hollow at the outputs: no input reaches it, lost by the task of its colour" in lost


def test_every_task_has_its_accuracy_in_the_title() -> None:
    ticket = ticket_of(MASKS)
    row = ticket.row | {"val_accuracy_moons": 0.25, "val_accuracy_circles": 0.5}
    assert "validation accuracy: moons 0.250, circles 0.500" in _words(draw.draw(replace(ticket, row=row)))
    row |= {"test_accuracy_moons": 0.75, "test_accuracy_circles": 1.0}
    assert "test accuracy: moons 0.750, circles 1.000" in _words(draw.draw(replace(ticket, row=row)))
    values = tuple(replace(task, kind="values") for task in TWO)
    assert "test R²: moons 0.750" in _words(draw.draw(replace(ticket_of(MASKS, values), row=row)))


def test_dollars_of_a_configuration_are_no_formula() -> None:
    figure = draw.draw(ticket_of(MASKS), "model $\\frac{$ broken")
    figure.savefig(BytesIO(), format="png")
    assert "model $\\frac{$ broken" in _words(figure)


def test_a_degraded_ticket_cannot_be_taken_for_a_separated_one() -> None:
    words = _flat(draw.draw(ticket_of(wires((4, 5, 2), *WHOLE[1:]))))
    assert "degraded, so no separation: moons has lost 1 of 2 inputs (no tasks share weights)" in words
    assert "separated" not in words
    assert "|circles" not in words


def test_the_status_is_the_one_of_the_run() -> None:
    ticket = ticket_of(wires((4, 5, 2), *WHOLE[1:]))
    assert "degraded" in _words(draw.draw(ticket))
    assert "– separated: " in _words(draw.draw(replace(ticket, row={"status": "separated"})))


def test_names_stand_beside_the_inputs_of_their_task_even_where_these_interleave() -> None:
    mixed = (Task("sine", (1, 3), (0,), "values"), Task("cube", (4, 0), (1,), "values"))
    bridge = [(0, 1, 0), (0, 3, 0), (0, 0, 1), (0, 4, 1), (0, 2, 1), (1, 0, 0), (1, 1, 1), (1, 1, 0)]
    ticket = ticket_of(wires((5, 5, 2), *bridge), mixed)
    y = layout(analyse(ticket.masks, mixed)).y[0]
    owner = {index: task.name for task in mixed for index in task.inputs} | {2: "noise"}
    figure = draw.draw(ticket)
    names = [text for text in figure.axes[0].texts if isinstance(text, Annotation) and text.get_gid() == "name 0"]
    assert sorted(text.get_text() for text in names) == ["cube", "noise", "sine"]
    for text in names:
        height = text.xy[1]
        nearest = sorted(range(5), key=lambda index: abs(y[index] - height))[: 1 if text.get_text() == "noise" else 2]
        assert {owner[index] for index in nearest} == {text.get_text()}


def test_widths_grow_with_the_weights() -> None:
    ticket = ticket_of(MASKS)
    lines = _weights(draw.draw(ticket))["active"]
    widths = np.asarray(lines.get_linewidth())
    order = [(0, 0, 0), (0, 0, 1), (0, 1, 2), (0, 1, 3), (1, 0, 0), (1, 1, 1)]
    sizes = [abs(ticket.weights[layer][end, start]) for layer, end, start in order]
    assert np.argsort(widths).tolist() == np.argsort(sizes).tolist()


def test_of_too_many_weights_groups_are_drawn_that_hold_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "MOST_WEIGHTS", 8)
    figure = draw.draw(ticket_of(MASKS))
    assert _weights(figure) == {}
    words = _flat(figure)
    assert "single weights, for they are too many to be told apart" in words
    assert "5 weights 4 weights" in words
    assert "box: so many neurons alike" in words
    assert [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "group 1"] == ["1", "1", "1", "1"]
    _nothing_overlaps(figure)


def test_groups_are_drawn_of_whatever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "MOST_WEIGHTS", 0)
    rng = np.random.default_rng(7)
    tickets = [random_ticket(rng) for _ in range(10)] + [(wires((4, 5, 5, 2), (0, 0, 0)), TWO)]
    for masks, tasks in tickets:
        figure = draw.draw(ticket_of(masks, tasks))
        figure.savefig(BytesIO(), format="png", dpi=30)
        bands = figure.findobj(lambda artist: str(artist.get_gid()).endswith(" band"))
        assert bool(bands) == any(mask.any() for mask in masks)


def test_groups_hold_every_neuron_with_a_weight_once_and_streams_every_weight() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        masks, tasks = random_ticket(rng)
        ticket = ticket_of(masks, tasks)
        structure = analyse(masks, tasks, cut_limit=0)
        scene = Scene(ticket, structure, reach(masks, tasks), layout(structure), 10.0)
        found = groups(scene)
        for layer, mine in enumerate(found):
            members = [index for group in mine for index in group.members]
            assert sorted(members) == np.flatnonzero(~np.isnan(scene.place.y[layer])).tolist()
            assert all((structure.neurons[layer][group.members] == group.state).all() for group in mine)
        for layer, between in enumerate(streams(scene, found)):
            states = structure.weights[layer]
            for state in (State.ACTIVE, State.ZOMBIE, State.INACTIVE):
                drawn = sum(stream.number for stream in between if stream.state == state)
                assert drawn == np.count_nonzero(states == state)


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


@pytest.mark.parametrize("density", [0.08, 1.0])
@pytest.mark.parametrize("number", [1, 2, 9, 25])
def test_long_names_and_many_tasks_have_room(number: int, density: float) -> None:
    tasks = tuple(Task(f"task_{k}_of_a_long_name_{'x' * 30}", (k,), (k,), "values") for k in range(number))
    figure = draw.draw(_large((number + 2, 40, 40, number), tasks, density), "dataset made; " * 20)
    assert "task_0_of_a_long_name_xxxxxxxxx" in _words(figure)
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
