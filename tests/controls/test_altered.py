"""Tickets with a weight more or a few less, drawn by hand: what must join them does, what must part them does."""

from collections.abc import Sequence

import numpy as np
import pytest

from lth.controls.altered import Masks, altered
from lth.ticket import Ticket, analyse

TASKS = {"moons": ((0, 1), (0,)), "circles": ((2, 3), (1,))}
SEEDS = range(12)


def masks(*layers: Sequence[str]) -> Masks:
    """A mask from rows of #, one per end neuron."""
    return tuple(np.array([[letter == "#" for letter in row] for row in layer]) for layer in layers)


# Two subnetworks; the fifth neuron of each hidden layer is isolated, the sixth one a zombie or inactive.
PARTED = masks(
    ["##..", "##..", "..##", "..##", "....", "...."],
    ["##....", "##....", "..##..", "..##..", "......", "#....."],
    ["##....", "..##.."],
)
# The same, joined by two weights of the middle layer: the cut.
JOINED = masks(
    ["##..", "##..", "..##", "..##", "....", "...."],
    ["###...", "##.#..", "..##..", "..##..", "......", "#....."],
    ["##....", "..##.."],
)


def ticket(given: Masks, seed: int = 0) -> Ticket:
    return Ticket.from_masks(given, TASKS, seed=seed, level=3)


def changes(before: Masks, after: Masks | None) -> list[tuple[int, int, int]]:
    assert after is not None
    return [(layer, int(end), int(start)) for layer, (one, other) in enumerate(zip(before, after, strict=True))
            for end, start in zip(*(one ^ other).nonzero(), strict=True)]  # fmt: skip


def kept(given: Masks | None) -> list[int]:
    assert given is not None
    return [int(mask.sum()) for mask in given]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bridge_joins_the_subnetworks_by_one_weight(seed: int) -> None:
    made = altered(ticket(PARTED, seed), "bridge")
    ((layer, end, start),) = changes(PARTED, made)
    assert made is not None
    assert made[layer][end, start]
    found = analyse(made, TASKS)
    assert (found.status, found.cut, found.components) == ("interconnected", 1, 1)
    assert ticket(made).cut() == [(layer, start, end)]


def test_a_bridge_is_drawn_by_the_seed_from_all_there_are() -> None:
    drawn = {seed: tuple(changes(PARTED, altered(ticket(PARTED, seed), "bridge"))) for seed in range(300)}
    # 4 ends of one task's neurons and 4 starts of the other's, twice, in the first layer 2 inputs, in the last 1 output
    assert len(set(drawn.values())) == 2 * (2 * 2 + 2 * 2 + 2 * 1)
    assert drawn[5] == tuple(changes(PARTED, altered(ticket(PARTED, 5), "bridge")))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_weight_within_a_subnetwork_leaves_it_separated_in_the_bridge_s_layer(seed: int) -> None:
    open_ = tuple(mask.copy() for mask in PARTED)
    for layer in (0, 1):
        open_[layer][0, 1] = open_[layer][2, 3] = False  # places for it
    bridge = changes(open_, altered(ticket(open_, seed), "bridge"))
    made = altered(ticket(open_, seed), "within")
    ((layer, end, start),) = changes(open_, made)
    assert made is not None
    assert made[layer][end, start]
    assert layer == bridge[0][0] or (layer < 2 and bridge[0][0] == 2)  # the last layer has no place
    assert analyse(made, TASKS).status == "separated"


def test_there_is_no_weight_within_subnetworks_that_are_full() -> None:
    assert {seed for seed in range(40) if altered(ticket(PARTED, seed), "within") is not None} == set()


def test_the_cut_parts_them_and_is_the_fewest_weights() -> None:
    made = altered(ticket(JOINED), "cut")
    assert changes(JOINED, made) == [(1, 0, 2), (1, 1, 3)]
    assert analyse(made, TASKS).status == "separated"


def test_of_two_least_cuts_the_one_that_leaves_every_task_whole_is_taken() -> None:
    """The first neuron is tied to each task by two weights; one of moons' two is all that its first input has."""
    given = masks(["#.#.", ".#..", "..##"], ["##.", "#.#"], ["#.", ".#"])
    for tasks in (TASKS, dict(reversed(TASKS.items()))):
        made = altered(Ticket.from_masks(given, tasks, seed=0, level=3), "cut")
        assert changes(given, made) == [(0, 0, 2), (1, 1, 0)]
        assert made is not None
        assert analyse(made, tasks).status == "separated"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_cut_takes_as_many_of_the_same_layers_and_parts_nothing(seed: int) -> None:
    made = altered(ticket(JOINED, seed), "random_cut")
    assert kept(made) == [8, kept(JOINED)[1] - 2, 4]
    assert made is not None
    assert all((after <= before).all() for before, after in zip(JOINED, made, strict=True))
    assert analyse(made, TASKS).status == "interconnected"
    active = ticket(JOINED).structure.weights[1] > 0
    assert all(active[end, start] for _, end, start in changes(JOINED, made))


def test_random_cuts_differ_from_seed_to_seed() -> None:
    assert len({tuple(changes(JOINED, altered(ticket(JOINED, seed), "random_cut"))) for seed in SEEDS}) > 6


def test_where_there_is_no_such_weight_there_are_no_masks() -> None:
    assert altered(ticket(PARTED), "cut") is None
    assert altered(ticket(PARTED), "random_cut") is None
    whole = masks(["####"], ["#"], ["#", "#"])
    assert altered(ticket(whole), "bridge") is None
    assert altered(ticket(whole), "within") is None  # nor a place that is free
    # Whatever goes, a task degrades or the two are parted: no random cut is one.
    assert altered(ticket(whole), "cut") is not None
    assert altered(ticket(whole), "random_cut") is None


def test_other_controls_have_the_ticket_s_own_masks() -> None:
    for control in ("ticket", "before", "swapped", "reinit"):
        assert changes(PARTED, altered(ticket(PARTED), control)) == []


def test_the_ticket_stays_what_it_was() -> None:
    given = ticket(JOINED)
    for control in ("bridge", "within", "cut", "random_cut"):
        altered(given, control)
    assert changes(JOINED, given.masks) == []
