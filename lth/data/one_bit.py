"""Two handwritten digits of which one is returned: the parity of the left one decides which, and is one bit."""

import numpy as np

from lth.data import digits as images
from lth.data.dataset import Dataset
from lth.data.side_by_side import side_by_side
from lth.data.source import PARTS, Rows, Sizes, Source, check_whole, one_hot, stream

BITS = ("across", "given")
_SHARES = (0.6, 0.2, 0.2)  # of the images, for the pairs of each part


def build(
    bit: str = "across",
    digits: int = 4,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks left (64 inputs; each even digit, or nothing) and right (65; each digit, or nothing). Raises ValueError.

    Where the left digit is even it is the left's answer and the right's is nothing, else the left's is nothing and the
    right's its digit. The right's last input is that parity where `bit` is given; across, it is an unrelated fair bit,
    and the right needs one bit of the left. The first `digits` digits occur, each equally often; a sample is a pair of
    images, 8 x 8, that are drawn at random, and no image of a part is in another.
    """
    if bit not in BITS:
        raise ValueError(f"bit={bit!r}: must be one of {', '.join(BITS)}")
    check_whole("digits", digits, 2)
    if digits > 10:
        raise ValueError(f"digits={digits!r}: must be a whole number from 2 to 10")
    known = _images(digits, seed)
    left, right = dict[str, Rows](), dict[str, Rows]()
    for part, size in Sizes(n_train, n_val, n_test).items():
        x, of = known[part]
        one, two = (_drawn(of, size, seed, side, part) for side in ("left", "right"))
        even, evens = of[one] % 2 == 0, (digits + 1) // 2
        left[part] = Rows(x[one], one_hot(np.where(even, of[one] // 2, evens), evens + 1))
        told = even if bit == "given" else stream(seed, "unrelated bit", part).random(size) < 0.5
        beside = np.concatenate([x[two], told[:, None]], axis=1)
        right[part] = Rows(beside, one_hot(np.where(even, digits, of[two]), digits + 1))
    sources = [Source("left", "classes", left), Source("right", "classes", right)]
    return side_by_side("digits_bit", sources, seed=seed, noise_inputs=noise_inputs, paired=True)


def _images(digits: int, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each part the images (N, 64) of the first digits and which digit (N,) they are."""
    (source,) = images.sources(["digits"], Sizes(*(round(share * 1795) for share in _SHARES)), seed)
    found = {}
    for part in PARTS:
        x, y = source.parts[part]
        of = y.argmax(axis=1)
        found[part] = x[of < digits], of[of < digits]
    return found


def _drawn(of: np.ndarray, size: int, seed: int, side: str, part: str) -> np.ndarray:
    """Places (size,) of images among those of digits `of`, drawn anew for each sample, every digit equally often."""
    random = stream(seed, "drawn", side, part)
    digit = random.permutation(np.arange(size) % (of.max() + 1))
    places = np.empty(size, dtype=int)
    for one in np.unique(digit):
        places[digit == one] = random.choice(np.flatnonzero(of == one), int((digit == one).sum()))
    return places
