"""Decided neurons: a plain reading of random tickets, and hand-drawn ones."""

import numpy as np
from plain_reading import TWO, Plain, random_ticket, wires

from lth.ticket import analyse


def test_shares_are_those_of_a_plain_reading() -> None:
    rng = np.random.default_rng(7)
    for _ in range(60):
        masks, tasks = random_ticket(rng)
        plain, row = Plain(masks, tasks), analyse(masks, tasks, cut_limit=0).columns()
        for layer in range(1, len(masks)):
            for side in ("out", "in"):
                assert row[f"decided_{side}_{layer}"] == plain.decided(layer, side)
        assert f"decided_out_{len(masks)}" not in row


def test_zombies_and_inactive_neurons_do_not_vote() -> None:
    # Hidden 0 hears moons and feeds both outputs, hidden 1 hears both and feeds circles, 2 is a zombie, 3 inactive.
    masks = wires((4, 4, 2), (0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 1, 1), (0, 2, 1), (1, 1, 1), (1, 2, 0), (0, 3, 3))
    row = analyse(masks, TWO).columns()
    assert (row["decided_out_1"], row["decided_in_1"]) == (0.5, 0.5)


def test_noise_decides_nothing() -> None:
    masks = wires((5, 2, 2), (0, 0, 0), (0, 4, 0), (1, 0, 0), (0, 4, 1), (1, 1, 1))
    row = analyse(masks, TWO).columns()
    # Hidden 0 hears moons and noise, hidden 1 noise alone.
    assert (row["decided_in_1"], row["decided_out_1"]) == (0.5, 1.0)


def test_a_layer_without_active_neurons_has_no_share() -> None:
    row = analyse(wires((4, 3, 3, 2), (0, 0, 0)), TWO).columns()
    assert [row[f"decided_{side}_{layer}"] for layer in (1, 2) for side in ("out", "in")] == [None] * 4
