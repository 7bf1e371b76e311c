"""The words of a picture: title, legend, the names at both ends."""

from dataclasses import replace
from io import BytesIO

import pytest
from matplotlib.text import Annotation
from picture_reading import MASKS, WHOLE, flat_words, large_ticket, nothing_overlaps, words_of
from plain_reading import TWO, wires
from tickets import ticket_of

from lth.data.dataset import Task
from lth.ticket import analyse, draw
from lth.ticket.layout import layout


def test_title_and_legend_say_what_is_there() -> None:
    words = flat_words(draw.draw(ticket_of(MASKS, seed=5, level=7), "dataset made"))
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
    assert f"width: size of the weight, |w|, up to {most:.2g}" in words_of(draw.draw(ticket))


@pytest.mark.parametrize("bias", [0.5, -0.5])
def test_the_legend_says_which_zombies_are_heard(bias: float) -> None:
    ticket = ticket_of(MASKS)
    ticket.biases[0][:] = bias
    words = words_of(draw.draw(ticket))
    assert ("audible" in words) == (bias > 0)
    assert ("silent" in words) == (bias < 0)


def test_marks_of_lost_inputs_and_outputs_are_explained_where_there_are_any() -> None:
    lost = words_of(draw.draw(ticket_of(wires((4, 5, 2), *WHOLE[1:5]))))
    assert "× at the inputs: no output hears it, lost by the task of its colour" in lost
    assert "hollow at the outputs: no input reaches it, lost by the task of its colour" in lost


def test_every_task_has_its_accuracy_in_the_title() -> None:
    ticket = ticket_of(MASKS)
    row = ticket.row | {"val_accuracy_moons": 0.25, "val_accuracy_circles": 0.5}
    assert "validation accuracy: moons 0.250, circles 0.500" in words_of(draw.draw(replace(ticket, row=row)))
    row |= {"test_accuracy_moons": 0.75, "test_accuracy_circles": 1.0}
    assert "test accuracy: moons 0.750, circles 1.000" in words_of(draw.draw(replace(ticket, row=row)))
    values = tuple(replace(task, kind="values") for task in TWO)
    assert "test R²: moons 0.750" in words_of(draw.draw(replace(ticket_of(MASKS, values), row=row)))


def test_dollars_of_a_configuration_are_no_formula() -> None:
    figure = draw.draw(ticket_of(MASKS), "model $\\frac{$ broken")
    figure.savefig(BytesIO(), format="png")
    assert "model $\\frac{$ broken" in words_of(figure)


def test_a_degraded_ticket_cannot_be_taken_for_a_separated_one() -> None:
    words = flat_words(draw.draw(ticket_of(wires((4, 5, 2), *WHOLE[1:]))))
    assert "degraded, so no separation: moons has lost 1 of 2 inputs (no tasks share weights)" in words
    assert "separated" not in words
    assert "|circles" not in words


def test_the_status_is_the_one_of_the_run() -> None:
    ticket = ticket_of(wires((4, 5, 2), *WHOLE[1:]))
    assert "degraded" in words_of(draw.draw(ticket))
    assert "– separated: " in words_of(draw.draw(replace(ticket, row={"status": "separated"})))


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


@pytest.mark.parametrize("density", [0.08, 1.0])
@pytest.mark.parametrize("number", [1, 2, 9, 25])
def test_long_names_and_many_tasks_have_room(number: int, density: float) -> None:
    tasks = tuple(Task(f"task_{k}_of_a_long_name_{'x' * 30}", (k,), (k,), "values") for k in range(number))
    figure = draw.draw(large_ticket((number + 2, 40, 40, number), tasks, density), "dataset made; " * 20)
    assert "task_0_of_a_long_name_xxxxxxxxx" in words_of(figure)
    nothing_overlaps(figure)
