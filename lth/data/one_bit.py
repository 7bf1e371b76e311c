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
    digits: int = 2,
    n_train: int = 1000,
    n_val: int = 1000,
    n_test: int = 1000,
    seed: int = 0,
    noise_inputs: int = 0,
) -> Dataset:
    """Tasks left (64 inputs, an output for each even digit) and right (65, one for each digit). Raises ValueError.

    An output is 1 where its digit is returned, else 0, learnt as a value: of classes a softmax needs one output less,
    so that an idle one would not mean that anything is lost. Where the left digit is even it is returned, on the left;
    else the right one is, on the right. The right's last input is that parity where `bit` is given; across, it is an
    unrelated fair bit, and the right needs one bit of the left: without it, its R² is a third at most for two digits.
    The first `digits` digits occur, each equally often; a sample is a pair of images, 8 x 8, that are drawn at random,
    and no image of a part is in another.
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
        even = of[one] % 2 == 0
        left[part] = Rows(x[one], _returned(of[one], even, digits)[:, ::2])
        told = even if bit == "given" else stream(seed, "unrelated bit", part).random(size) < 0.5
        right[part] = Rows(np.concatenate([x[two], told[:, None]], axis=1), _returned(of[two], ~even, digits))
    sources = [Source("left", "values", left), Source("right", "values", right)]
    return side_by_side("digits_bit", sources, seed=seed, noise_inputs=noise_inputs, paired=True)


def _returned(of: np.ndarray, where: np.ndarray, digits: int) -> np.ndarray:
    """(N, digits): 1 at the digit (N,) of a sample where (N,) it is returned, else 0."""
    return one_hot(of, digits) * where[:, None]


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
