"""Two handwritten digits of which one is returned: the parity of the left one decides which, and is one bit."""

import numpy as np

from lth.data import digits
from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import PARTS, Rows, Sizes, Source, one_hot, stream

BITS = ("across", "given")
NOTHING = {"left": 5, "right": 10}  # the last output of each task


def build(
    bit: str = "across",
    n_train: int = 1077,
    n_val: int = 360,
    n_test: int = 360,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks left (64 inputs; 0, 2, 4, 6, 8 or nothing) and right (65; 0 … 9 or nothing). Raises ValueError.

    Where the left digit is even it is the left's answer and the right's is nothing, else the left's is nothing and the
    right's its digit. The right's last input is that parity where `bit` is given; across, it is an unrelated fair bit,
    and the right needs one bit of the left. Images are of one part and paired at random.
    """
    if bit not in BITS:
        raise ValueError(f"bit={bit!r}: must be one of {', '.join(BITS)}")
    (images,) = digits.sources(["digits"], Sizes(n_train, n_val, n_test), seed)
    left, right = dict[str, Rows](), dict[str, Rows]()
    for part in PARTS:
        pairs = [_shuffled(images.parts[part], seed, side, part) for side in ("left", "right")]
        (left_x, left_digit), (right_x, right_digit) = pairs
        even = left_digit % 2 == 0
        left[part] = Rows(left_x, one_hot(np.where(even, left_digit // 2, NOTHING["left"]), NOTHING["left"] + 1))
        told = even if bit == "given" else stream(seed, "unrelated bit", part).random(len(even)) < 0.5
        x = np.concatenate([right_x, told[:, None]], axis=1)
        right[part] = Rows(x, one_hot(np.where(even, NOTHING["right"], right_digit), NOTHING["right"] + 1))
    sources = [Source("left", "classes", left), Source("right", "classes", right)]
    return side_by_side("digits_bit", sources, seed=seed, noise_inputs=noise_inputs, paired=True)


def _shuffled(rows: Rows, seed: int, side: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, 64) in a random order, and their digits (N,)."""
    order = stream(seed, "pairing", side, part).permutation(len(rows.x))
    return rows.x[order], rows.y[order].argmax(axis=1)
