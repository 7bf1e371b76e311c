"""What is said of a ticket: hand-drawn ones, and that no status can be taken for another."""

import numpy as np
import pytest
from plain_reading import TWO, random_ticket, wires
from tickets import ticket_of

from lth.data.dataset import Task
from lth.ticket import analyse
from lth.ticket.words import listed, status_words

PARTED = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1)]
SHARED = [*PARTED, (0, 0, 1)]
THREE = (*TWO, Task("third", (4,), (2,), "values"))


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (PARTED, "separated: moons and circles each have a subnetwork of their own"),
        (SHARED, "interconnected: moons and circles still share weights"),
        (PARTED[1:], "degraded, so no separation: moons has lost 1 of 2 inputs (no tasks share weights)"),
        ([*PARTED[1:], (0, 0, 1)], "fragmented: moons over 2 parts that share nothing"),
        (
            PARTED[:3],
            "degraded, so no separation: circles has lost 2 of 2 inputs and its output (no tasks share weights)",
        ),
        (
            [(0, 0, 0), (0, 1, 2), (1, 0, 0), (1, 2, 0), *PARTED[3:]],
            "separated: moons and circles each have a subnetwork of their own",
        ),
    ],
)
def test_hand_drawn_tickets(drawn: list[tuple[int, int, int]], words: str) -> None:
    found = analyse(wires((4, 3, 2), *drawn), TWO)
    assert status_words(found, found.status) == words


def test_of_three_tasks_the_one_that_is_apart_is_named() -> None:
    found = analyse(wires((5, 3, 3), *SHARED, (0, 4, 2), (1, 2, 2)), THREE)
    assert status_words(found, found.status) == (
        "interconnected: moons and circles still share weights; third with no other task"
    )


def test_a_task_over_several_parts_is_named() -> None:
    tasks = (Task("digits", (0, 1), (0, 1), "classes"),)
    found = analyse(wires((2, 2, 2), (0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 1, 1)), tasks)
    assert status_words(found, found.status) == "fragmented: digits over 2 parts that share nothing"


def test_only_of_separated_tickets_it_says_that_they_are() -> None:
    rng = np.random.default_rng(2)
    seen = set()
    for _ in range(300):
        masks, tasks = random_ticket(rng)
        found = analyse(ticket_of(masks, tasks).masks, tasks)
        words = status_words(found, found.status)
        seen.add(found.status)
        assert words.startswith(found.status)
        assert ("subnetwork" in words) == (found.status == "separated")
        assert "separated" not in words.removeprefix("separated")
        assert "|" not in words
    assert {"separated", "degraded", "interconnected"} <= seen


def test_names_in_a_row() -> None:
    assert listed(list("abcdefgh")) == "a, b, c, d, e, f, g and h"
    assert listed(list("abcdefghij")) == "a, b, c, d, e, f, g and 3 more"
    assert [listed(list("abc")[:number]) for number in range(4)] == ["", "a", "a and b", "a, b and c"]
