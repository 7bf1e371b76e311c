"""Status, partition and coverage of hand-drawn tickets with written answers."""

from itertools import pairwise

import numpy as np
import pytest
from plain_reading import TWO, wires

from lth.data.dataset import Task
from lth.ticket import Structure, analyse

THREE = (*TWO, Task("digits", (4,), (2, 3), "classes"))
MOONS = [(0, 0, 0), (0, 1, 0), (1, 0, 0)]
CIRCLES = [(0, 2, 1), (0, 3, 1), (1, 1, 1)]
BRIDGE = (1, 0, 1)


def _two(*edges: tuple[int, int, int], **options) -> Structure:
    return analyse(wires((4, 4, 2), *edges), TWO, **options)


def test_separated() -> None:
    found = _two(*MOONS, *CIRCLES)
    assert (found.status, found.partition, found.components, found.splits_remaining) == (
        "separated",
        "moons|circles",
        2,
        0,
    )
    assert found.coverage.tolist() == [[1, 0], [0, 1]]
    assert (found.cut, found.columns()["cut_magnitude"]) == (0, None)


def test_interconnected_through_one_hidden_neuron() -> None:
    found = _two(*MOONS, *CIRCLES, BRIDGE)
    assert (found.status, found.partition, found.splits_remaining) == ("interconnected", "moons+circles", 1)
    assert found.coverage.tolist() == [[1, 1]]
    assert found.cut == 1


def test_an_inactive_or_zombie_bridge_joins_nothing() -> None:
    # Hidden 2 hears both tasks and reaches nothing; hidden 3 feeds both outputs and hears nothing.
    found = _two(*MOONS, *CIRCLES, (0, 0, 2), (0, 2, 2), (1, 3, 0), (1, 3, 1))
    assert found.status == "separated"


def test_degraded_by_an_input() -> None:
    found = _two(*MOONS[1:], *CIRCLES)
    assert (found.status, found.partition) == ("degraded", "moons|circles")
    assert found.coverage.tolist() == [[0.5, 0], [0, 1]]
    assert found.cut is None


def test_degraded_by_an_output() -> None:
    found = _two(*MOONS, *CIRCLES[:2], (0, 2, 0), (0, 3, 0))
    assert (found.status, found.partition, found.components) == ("degraded", "moons+circles", 1)
    assert found.coverage.tolist() == [[1, 0]]
    assert found.cut == 2


def test_on_outputs_alone_a_lost_input_degrades_nothing() -> None:
    found = _two(*MOONS[1:], *CIRCLES, degrade_on="outputs")
    assert (found.status, found.cut) == ("separated", 0)
    assert found.coverage.tolist() == [[1, 0], [0, 1]]
    assert _two(*MOONS, degrade_on="outputs").status == "degraded"


def test_fragmented_though_no_component_holds_two_tasks() -> None:
    tasks = (Task("a", (0, 1), (0, 1), "classes"), Task("b", (2,), (2,), "binary"))
    masks = wires((3, 3, 3), (0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 1, 1), (0, 2, 2), (1, 2, 2))
    found = analyse(masks, tasks)
    assert (found.status, found.partition, found.splits_remaining) == ("fragmented", "a|b", -1)
    assert found.coverage.tolist() == [[0.25, 0], [0.25, 0], [0, 1]]
    assert found.cut is None


def test_fragmented_and_still_joined_to_another_task() -> None:
    tasks = (Task("a", (0, 1), (0, 1), "classes"), Task("b", (2,), (2,), "binary"))
    masks = wires((3, 3, 3), (0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 1, 1), (0, 2, 1), (1, 1, 2))
    found = analyse(masks, tasks)
    assert (found.status, found.partition, found.components) == ("fragmented", "a+b", 2)
    assert found.cut == 2


def test_two_components_holding_both_tasks_are_fragmented() -> None:
    tasks = (Task("a", (0, 1), (0, 1), "classes"), Task("b", (2, 3), (2, 3), "classes"))
    masks = wires((4, 2, 4), *((0, i, i % 2) for i in range(4)), *((1, o % 2, o) for o in range(4)))
    found = analyse(masks, tasks)
    assert (found.status, found.partition, found.components, found.splits_remaining) == ("fragmented", "a+b", 2, 0)


def test_three_tasks_partly_split() -> None:
    digits = [(0, 4, 2), (1, 2, 2), (1, 2, 3)]
    found = analyse(wires((5, 3, 4), *MOONS, *CIRCLES, BRIDGE, *digits), THREE)
    assert (found.status, found.partition, found.splits_remaining) == ("interconnected", "moons+circles|digits", 1)
    assert found.coverage.tolist() == [[1, 1, 0], [0, 0, 1]]
    assert found.cut == 1
    whole = analyse(wires((5, 3, 4), *MOONS, *CIRCLES, *digits), THREE)
    assert (whole.status, whole.partition, whole.cut) == ("separated", "moons|circles|digits", 0)
    outer = analyse(wires((5, 3, 4), *MOONS, *CIRCLES, *digits, (1, 0, 3)), THREE)
    assert (outer.status, outer.partition) == ("interconnected", "moons+digits|circles")


def test_noise_inputs_belong_to_no_task() -> None:
    alone = analyse(wires((6, 4, 2), *MOONS, *CIRCLES), TWO)
    assert alone.status == "separated"
    fed = analyse(wires((6, 4, 2), *MOONS, *CIRCLES, (0, 4, 0)), TWO)
    assert (fed.status, fed.columns()["active_inputs"]) == ("separated", 5)
    joined = analyse(wires((6, 4, 2), *MOONS, *CIRCLES, (0, 5, 0), (0, 5, 1)), TWO)
    assert (joined.status, joined.cut) == ("interconnected", 1)


def test_one_task_is_separated_while_it_is_whole() -> None:
    one = (Task("a", (0, 1), (0, 1), "classes"),)
    found = analyse(wires((2, 1, 2), (0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 0, 1)), one)
    assert (found.status, found.partition, found.splits_remaining, found.cut) == ("separated", "a", 0, 0)
    assert analyse(wires((2, 2, 2), (0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1)), one).status == "fragmented"


def test_a_network_without_hidden_layers() -> None:
    masks = wires((4, 2), (0, 0, 0), (0, 1, 0), (0, 2, 1), (0, 3, 1))
    found = analyse(masks, TWO)
    assert found.status == "separated"
    assert not [name for name in found.columns() if name.startswith("decided")]
    masks[0][1, 0] = True
    assert (analyse(masks, TWO).status, analyse(masks, TWO).cut) == ("interconnected", 1)


@pytest.mark.parametrize("seed", range(5))
def test_a_ticket_that_is_degraded_stays_degraded_while_masks_only_lose_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    masks = [np.ones((12, 4), bool), np.ones((12, 12), bool), np.ones((2, 12), bool)]
    seen = []
    while any(mask.any() for mask in masks):
        seen.append(analyse(masks, TWO, cut_limit=0))
        masks = [mask & (rng.random(mask.shape) < 0.8) for mask in masks]
    words = [found.status for found in seen]
    assert words[0] == "interconnected"
    assert "degraded" in words
    assert set(words[words.index("degraded") :]) == {"degraded"}
    # Components only break up; a neuron that left them never comes back.
    for before, after in pairwise(seen):
        assert all((new < 0)[old < 0].all() for old, new in zip(before.labels, after.labels, strict=True))
