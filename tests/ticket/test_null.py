"""Null models: what they keep, that they are uniform over all masks that keep it, and forget the ticket."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from plain_reading import random_ticket
from scipy.stats import chisquare

from lth.ticket.null import TRADES, generator, random_masks, rewired_masks


def test_random_masks_keep_the_count_of_every_layer() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        masks, _ = random_ticket(rng)
        draws = random_masks(masks, 4, rng)
        for draw in range(4):
            made = draws.masks(draw)
            assert [mask.shape for mask in made] == [mask.shape for mask in masks]
            assert [mask.sum() for mask in made] == [mask.sum() for mask in masks]


def test_rewired_masks_keep_the_degree_of_every_neuron() -> None:
    rng = np.random.default_rng(1)
    changed = 0
    for _ in range(40):
        masks, _ = random_ticket(rng)
        draws = rewired_masks(masks, 4, rng)
        for draw in range(4):
            for made, mask in zip(draws.masks(draw), masks, strict=True):
                assert (made.sum(axis=0) == mask.sum(axis=0)).all()
                assert (made.sum(axis=1) == mask.sum(axis=1)).all()
                changed += bool((made != mask).any())
    assert changed > 100


def test_random_masks_are_uniform() -> None:
    mask = np.array([[True, True, False], [False, False, False]])
    draws = random_masks([mask], 3000, np.random.default_rng(2))
    seen = Counter(draws.masks(draw)[0].tobytes() for draw in range(3000))
    assert len(seen) == 15
    assert chisquare(list(seen.values())).pvalue > 1e-3


@pytest.mark.parametrize(
    "mask",
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]],
        [[1, 1, 0], [0, 0, 1]],
        [[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]],
        [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]],
    ],
)
def test_rewired_masks_are_uniform_over_all_with_the_same_degrees(mask: list[list[int]]) -> None:
    ticket = np.array(mask, dtype=bool)
    alike = [made for made in _all(ticket.shape, int(ticket.sum())) if _degrees(made) == _degrees(ticket)]
    assert len(alike) > 1
    draws = rewired_masks([ticket], 3000, np.random.default_rng(3))
    seen = Counter(draws.masks(draw)[0].tobytes() for draw in range(3000))
    assert set(seen) == {made.tobytes() for made in alike}
    assert chisquare([seen[made.tobytes()] for made in alike]).pvalue > 1e-3


def test_what_degrees_leave_no_choice_stays() -> None:
    masks = [np.ones((3, 4), dtype=bool), np.zeros((2, 3), dtype=bool), np.array([[True, False]])]
    for made, mask in zip(rewired_masks(masks, 2, np.random.default_rng(4)).masks(1), masks, strict=True):
        assert (made == mask).all()


@pytest.mark.parametrize(("shape", "kept"), [((57, 57), 45), ((154, 154), 220), ((6, 57), 48), ((40, 40), 500)])
def test_a_draw_has_forgotten_its_ticket(shape: tuple[int, int], kept: int) -> None:
    rng = np.random.default_rng(5)
    mask = np.zeros(shape, dtype=bool)
    # Uneven degrees, as tickets have them: a few neurons hold most of the weights.
    popular = np.outer(*(1 / np.arange(1, width + 1) ** 0.5 for width in shape)).ravel()
    mask.ravel()[rng.choice(mask.size, kept, replace=False, p=popular / popular.sum())] = True

    def shared(trades: int) -> np.ndarray:
        draws = rewired_masks([mask], 300, np.random.default_rng(trades), trades)
        return mask[draws.ends[0], draws.starts[0]].mean(axis=1)

    enough, more = shared(TRADES), shared(4 * TRADES)
    error = np.hypot(enough.std(), more.std()) / np.sqrt(300)
    assert enough.mean() == pytest.approx(more.mean(), abs=4 * error)
    assert shared(1).mean() > more.mean() + 8 * error


def test_every_ticket_has_draws_of_its_own_and_always_the_same() -> None:
    numbers = {
        (seed, level, model): generator(seed, level, model).random()
        for seed in (0, 1)
        for level in (0, 1)
        for model in ("random", "rewired")
    }
    assert len(set(numbers.values())) == 8
    assert generator(1, 0, "random").random() == numbers[1, 0, "random"]


def _all(shape: tuple[int, ...], kept: int) -> list[np.ndarray]:
    """Every mask of this shape with so many weights."""
    places = np.array(list(combinations(range(shape[0] * shape[1]), kept)))
    masks = np.zeros((len(places), shape[0] * shape[1]), dtype=bool)
    np.put_along_axis(masks, places, values=True, axis=1)
    return list(masks.reshape(-1, *shape))


def _degrees(mask: np.ndarray) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(mask.sum(axis=0).tolist()), tuple(mask.sum(axis=1).tolist())
