"""How soon a level gets where the dense network did: against curves drawn by hand."""

from typing import Any

import numpy as np
import pytest

from lth.ticket.course import course, wins


def curves(losses: list[float], accuracies: list[float]) -> np.ndarray:
    return np.column_stack([np.zeros(len(losses)), losses, accuracies])


def test_each_measure_is_read_off_the_curve() -> None:
    found = course(curves([0.9, 0.5, 0.2, 0.1, 0.1, 0.3], [0.5, 0.90, 0.945, 0.96, 0.97, 0.8]), 0.95)
    assert found == {"epochs_best": 4, "epochs_dense": 4, "epochs_99": 3}


def test_the_dense_accuracy_itself_is_reached_and_rounding_takes_nothing_away() -> None:
    whole = course(curves([0.3, 0.2], [0.7, 0.9]), 0.9)
    assert whole == {"epochs_best": 2, "epochs_dense": 2, "epochs_99": 2}
    assert course(curves([0.3], [0.9 - 1e-12]), 0.9)["epochs_dense"] == 1
    assert course(curves([0.3], [0.899]), 0.9) == {"epochs_best": 1, "epochs_dense": None, "epochs_99": 1}


def test_what_is_never_reached_and_what_never_trained_is_none() -> None:
    nothing = {"epochs_best": None, "epochs_dense": None, "epochs_99": None}
    assert course(curves([0.3, 0.2], [0.5, 0.6]), 0.9) == nothing | {"epochs_best": 2}
    assert course(np.empty((0, 3)), 0.9) == nothing
    assert course(curves([0.3, 0.2], [0.5, 0.6]), None) == nothing | {"epochs_best": 2}


DENSE: dict[str, Any] = {"epochs": 80, "test_accuracy": 0.9, "epochs_best": 50, "epochs_dense": 40, "epochs_99": 20}


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ({}, set()),
        ({"epochs_best": 51}, {"wins_best"}),
        ({"test_accuracy": 0.89}, {"wins_best"}),
        ({"epochs_dense": 41}, {"wins_dense"}),
        ({"epochs_dense": None, "epochs_99": None}, {"wins_dense", "wins_99"}),
        ({"epochs": 999}, set()),
    ],
)
def test_a_level_wins_that_is_there_no_later(changed: dict[str, Any], lost: set[str]) -> None:
    won = wins(DENSE | changed, DENSE)
    assert {name for name, one in won.items() if one is False} == lost


def test_nothing_wins_over_a_network_that_never_trained() -> None:
    assert set(wins(DENSE, DENSE | {"epochs": 0}).values()) == {None}
