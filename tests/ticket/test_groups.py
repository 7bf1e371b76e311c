"""The picture of too many weights: groups of neurons, and what runs between them."""

from io import BytesIO

import numpy as np
import pytest
from picture_reading import MASKS, flat_words, nothing_overlaps, weights_of
from plain_reading import TWO, random_ticket, wires
from tickets import ticket_of

from lth.ticket import analyse, draw
from lth.ticket.picture.groups import groups, streams
from lth.ticket.picture.scene import Scene
from lth.ticket.states import State, reach


def test_of_too_many_weights_groups_are_drawn_that_hold_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "MOST_WEIGHTS", 8)
    figure = draw.draw(ticket_of(MASKS))
    assert weights_of(figure) == {}
    words = flat_words(figure)
    assert "single weights, for they are too many to be told apart" in words
    assert "5 weights 4 weights" in words
    assert "box: so many neurons alike" in words
    assert [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "group 1"] == ["1", "1", "1", "1"]
    nothing_overlaps(figure)


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
        scene = Scene(ticket, structure, reach(masks, tasks))
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
