"""What of the tickets is in a page: unpacked by another reader, it is what the tickets hold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lth.data.dataset import Task
from lth.report.chain import MOST_WEIGHTS
from lth.ticket import Ticket, analyse
from lth.ticket.distance import least_cut
from lth.ticket.states import State, reach
from lth.ticket.words import status_words
from tests.report.made_run import KEEPS, SHAPE, TWO, tickets, write_run
from tests.report.packed import Page, page_of, unpacked

ROOT = Path(__file__).parents[2]


def test_every_drawn_level_is_in_the_page_as_its_ticket_has_it(run: Path) -> None:
    page = Page.of(run / "report.html")
    assert [one["seed"] for one in page.data[0]["seeds"]] == [0, 1]
    for one in page.data[0]["seeds"]:
        head, arrays = unpacked(one["data"])
        chain = tickets(one["seed"])
        assert head["drawn"] == head["levels"]["level"] == list(range(len(chain)))
        assert head["levels"]["active_weights"] == [ticket.row["active_weights"] for ticket in chain]
        for row, ticket in enumerate(chain):
            _same(ticket, row, head, arrays)


def _same(ticket: Ticket, row: int, head: dict, arrays: dict[str, np.ndarray]) -> None:
    """Masks, values, biases, reach and cut of one level, unpacked, against the ticket."""
    flat = np.concatenate([mask.ravel() for mask in ticket.masks])
    index = np.cumsum(arrays["index"])
    width = -(-len(index) // 8)
    kept = np.unpackbits(arrays["kept"].reshape(-1, width)[row])[: len(index)].astype(bool)
    assert np.array_equal(index[kept], np.flatnonzero(flat))
    before = sum(int(mask.sum()) for level in range(row) for mask in tickets(ticket.seed)[level].masks)
    small = arrays["value"][before : before + kept.sum()].astype(float) / 127
    weights = np.concatenate([layer.ravel() for layer in ticket.weights])[index[kept]]
    assert np.sign(small) * small**2 * head["largest"] == pytest.approx(weights, abs=0.009 * head["largest"])
    biases = np.concatenate(ticket.biases)
    assert arrays["bias"].reshape(-1, len(biases))[row] / 32767 * head["loudest"] == pytest.approx(biases, abs=1e-3)
    reached = reach(ticket.masks, TWO)
    for name, layers in (("fed", reached.inputs), ("heard", reached.outputs)):
        bits = np.concatenate([layer @ (1 << np.arange(layer.shape[1])) for layer in layers])
        assert np.array_equal(arrays[name].reshape(-1, sum(SHAPE))[row], bits)
    structure = analyse(ticket.masks, TWO)
    cut = np.concatenate([layer.ravel() for layer in least_cut(structure.weights, structure.neurons, TWO)])
    marked = np.unpackbits(arrays["cut"].reshape(-1, width)[row])[: len(index)].astype(bool)
    assert np.array_equal(index[marked], np.flatnonzero(cut))


def test_the_words_of_every_level_are_those_of_its_picture(run: Path) -> None:
    for one in Page.of(run / "report.html").data[0]["seeds"]:
        head, _ = unpacked(one["data"])
        chain = tickets(one["seed"])
        assert [level["words"] for level in head["grouped"]] == [
            status_words(analyse(t.masks, TWO), str(t.row["status"])) for t in chain
        ]


def test_neurons_with_weights_have_a_place_of_their_own_within_the_picture(run: Path) -> None:
    for one in Page.of(run / "report.html").data[0]["seeds"]:
        head, _ = unpacked(one["data"])
        for layer in head["places"]:
            known = [y for y in layer if y is not None]
            assert len(set(known)) == len(known) == len(layer)
            assert min(known) >= 0
            assert max(known) <= 1


def test_masks_that_are_not_nested_are_packed_as_they_are(tmp_path: Path) -> None:
    chain = tickets(0)
    swapped = [replace(one, level=level, row=one.row | {"level": level}) for level, one in enumerate(reversed(chain))]
    page, notes = page_of(write_run(tmp_path / "run", [swapped]))
    head, arrays = unpacked(page.data[0]["seeds"][0]["data"])
    bits = np.unpackbits(arrays["kept"].reshape(len(chain), -1), axis=1)
    assert notes == []
    assert bits.sum(axis=1).tolist() == list(reversed(KEEPS))
    assert len(head["drawn"]) == len(chain)


def test_few_enough_weights_are_drawn_one_by_one_and_levels_of_any_size_in_groups(tmp_path: Path) -> None:
    shape, keeps = (4, 80, 80, 2), (6880, MOST_WEIGHTS + 1, MOST_WEIGHTS, 400)
    page, notes = page_of(write_run(tmp_path / "run", [tickets(0, shape, keeps)]))
    head, _ = unpacked(page.data[0]["seeds"][0]["data"])
    assert notes == []
    assert head["drawn"] == [2, 3]
    assert [level["level"] for level in head["grouped"]] == head["levels"]["level"] == [0, 1, 2, 3]
    assert [sum(_weights(level)) for level in head["grouped"]] == list(keeps)


def test_of_a_network_that_is_never_small_there_are_groups_alone(tmp_path: Path) -> None:
    shape, keeps = (4, 80, 80, 2), (6880, MOST_WEIGHTS + 1)
    page, notes = page_of(write_run(tmp_path / "run", [tickets(0, shape, keeps)]))
    head, arrays = unpacked(page.data[0]["seeds"][0]["data"])
    assert notes == []
    assert head["drawn"] == []
    assert all(len(array) == 0 for array in arrays.values())
    assert [sum(_weights(level)) for level in head["grouped"]] == list(keeps)


def test_groups_count_as_the_analysis_does_and_lie_within_the_picture(run: Path) -> None:
    for one in Page.of(run / "report.html").data[0]["seeds"]:
        head, _ = unpacked(one["data"])
        for ticket, level in zip(tickets(one["seed"]), head["grouped"], strict=True):
            row = analyse(ticket.masks, TWO).columns()
            assert _weights(level) == [row[f"{name}_weights"] for name in ("inactive", "zombie", "active")]
            hidden = [box for layer in level["boxes"][1:-1] for box in layer]
            for state, name in ((State.ZOMBIE, "zombie"), (State.ACTIVE, "active")):
                assert sum(box[3] for box in hidden if box[0] == state) == row[f"{name}_neurons"]
            assert [sum(box[3] for box in level["boxes"][layer]) for layer in (0, -1)] == [SHAPE[0], SHAPE[-1]]
            for layer in level["boxes"]:
                edges = [edge for box in layer for edge in box[4:]]
                assert edges == sorted(edges)
                assert all(0 <= edge <= 1 for edge in edges)


def _weights(level: dict) -> list[int]:
    """Inactive, zombie and active weights in the bands of a level."""
    bands = [band for gap in level["bands"] for band in gap]
    return [sum(band[2] for band in bands if band[3] == state) for state in (1, 2, 3)]


def test_ten_seeds_of_the_default_demo_are_below_500_kilobytes(tmp_path: Path) -> None:
    shape, keeps = (4, 57, 57, 2), (3591, 2491, 1672, 1147, 775, 520, 352, 247, 160, 112)
    page_of(write_run(tmp_path / "run", [tickets(seed, shape, keeps) for seed in range(10)]))
    assert (tmp_path / "run" / "report.html").stat().st_size < 500_000


def test_huge_values_and_many_tasks_do_not_stop_a_page(tmp_path: Path) -> None:
    tasks = tuple(Task(f"t{k}", (k,), (k,), "values") for k in range(7))
    chain = tickets(0, (7, 9, 7), (126, 60), tasks)
    chain[1].weights[0][chain[1].masks[0]] = np.finfo(np.float32).max
    chain[1].biases[0][:] = -np.finfo(np.float32).max
    _, notes = page_of(write_run(tmp_path / "run", [chain]))
    assert notes == []
