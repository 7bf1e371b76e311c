"""Generators that are keyed by seed, purpose and level alone."""

import subprocess
import sys
from itertools import product

import pytest
import torch

from lth.randomness import generator


def draw(*key: int | str) -> list[int]:
    return torch.randint(2**31, (4,), generator=generator(*key)).tolist()  # type: ignore[arg-type]


def test_same_key_same_stream_in_another_process() -> None:
    code = (
        "import torch; from lth.randomness import generator as g;"
        "print(torch.randint(2**31, (4,), generator=g(7, 'init', 3)).tolist())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == str(draw(7, "init", 3))


def test_streams_are_stable_over_versions() -> None:
    assert generator(0, "init").initial_seed() == 5411017352171644398
    assert generator(7, "reinit", 3).initial_seed() == 2918365458507778365


def test_each_part_of_the_key_counts() -> None:
    keys = list(product((-1, 0, 1, 11), ("init", "batches", "1"), (0, 1, 11)))
    assert len({tuple(draw(*key)) for key in keys}) == len(keys)


def test_global_state_is_untouched() -> None:
    state = torch.get_rng_state()
    draw(1, "init")
    assert torch.equal(torch.get_rng_state(), state)


def test_negative_level_is_refused() -> None:
    with pytest.raises(ValueError, match="level=-1"):
        generator(0, "init", -1)
