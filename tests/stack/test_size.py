"""How many seeds train together."""

from lth.stack.size import MOST_SEEDS, best_seeds


def test_small_networks_train_in_larger_company() -> None:
    found = [best_seeds((4, hidden, hidden, 2), 64) for hidden in (8, 38, 104, 410, 1310)]
    assert found == sorted(found, reverse=True)
    assert found[0] == MOST_SEEDS
    assert found[-1] == 1
    assert best_seeds((4, 38, 38, 2), 1000) < best_seeds((4, 38, 38, 2), 32)
