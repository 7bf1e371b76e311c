"""Many draws read at once, against the analysis of each of them."""

import numpy as np
import pytest
from plain_reading import TWO, random_ticket, wires

from lth.data.dataset import Task
from lth.ticket import State, analyse
from lth.ticket.draws import Draws, read
from lth.ticket.null import random_masks, rewired_masks
from lth.ticket.status import DegradeOn


def together(*tickets: list[np.ndarray]) -> Draws:
    """Tickets of one shape and equal counts as draws."""
    edges = [[np.nonzero(mask) for mask in masks] for masks in tickets]
    layers = range(len(tickets[0]))
    ends, starts = (tuple(np.stack([one[layer][side] for one in edges]) for layer in layers) for side in (0, 1))
    return Draws((tickets[0][0].shape[1], *(len(mask) for mask in tickets[0])), ends, starts)


@pytest.mark.parametrize("degrade_on", ["both", "outputs"])
def test_draws_are_what_analyse_says_of_each(degrade_on: DegradeOn) -> None:
    rng = np.random.default_rng(5)
    seen: set[str] = set()
    for _ in range(50):
        masks, tasks = random_ticket(rng)
        # A ticket as its own draw, too: draws by lot alone hardly ever separate.
        for draws in (random_masks(masks, 3, rng), rewired_masks(masks, 3, rng), together(masks, masks)):
            found = read(draws, tasks, degrade_on)
            assert len(draws) == len(found.status) == len(found.active_edges)
            for draw in range(len(draws)):
                structure = analyse(draws.masks(draw), tasks, degrade_on=degrade_on, cut_limit=0)
                assert found.status[draw] == structure.status
                edges = np.count_nonzero(structure.weights[0] == State.ACTIVE, axis=0)
                assert found.active_edges[draw].tolist() == edges.tolist()
            seen |= set(found.status.tolist())
    assert seen == {"separated", "interconnected", "fragmented", "degraded"}


def test_draws_do_not_touch_each_other() -> None:
    apart = wires((4, 2, 2), (0, 0, 0), (0, 1, 0), (0, 2, 1), (0, 3, 1), (1, 0, 0), (1, 1, 1))
    crossed = wires((4, 2, 2), (0, 0, 0), (0, 1, 0), (0, 2, 0), (0, 3, 0), (1, 0, 0), (1, 0, 1))
    broken = wires((4, 2, 2), (0, 0, 0), (0, 0, 1), (0, 2, 1), (0, 3, 1), (1, 0, 0), (1, 1, 1))
    found = read(together(apart, crossed, broken), TWO)
    assert found.status.tolist() == ["separated", "interconnected", "degraded"]
    assert found.active_edges.tolist() == [[1, 1, 1, 1], [1, 1, 1, 1], [2, 0, 1, 1]]


def test_a_task_of_one_input_and_the_noise_beside_it() -> None:
    # Noise joins nothing: inputs 1 and 2 belong to no task, and input 2 feeds both tasks' networks.
    tasks = (Task("a", (0,), (0,), "values"), Task("b", (3,), (1,), "values"))
    masks = wires((4, 2, 2), (0, 0, 0), (0, 1, 0), (0, 2, 0), (0, 2, 1), (0, 3, 1), (1, 0, 0), (1, 1, 1))
    assert read(together(masks), tasks).status.tolist() == [analyse(masks, tasks).status]


def test_masks_of_a_draw_have_its_edges() -> None:
    masks = wires((3, 2, 2), (0, 0, 1), (0, 2, 0), (1, 1, 0))
    draws = together(masks, masks)
    assert all((made == mask).all() for made, mask in zip(draws.masks(1), masks, strict=True))
