"""lth.record.parquet: a changed file is never read."""

import io

import numpy as np
import pandas as pd
import pytest

from lth.record.parquet import pack, unpack

TABLE = pd.DataFrame({"level": [0, 1], "cut": pd.array([None, 3], dtype="Int64"), "status": ["lth blake2b:", "b"]})


@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_what_is_packed_is_read_back_by_us_and_by_others(compression: str) -> None:
    data = pack(TABLE, compression)
    pd.testing.assert_frame_equal(unpack(data).to_pandas(), TABLE)
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(data)), TABLE)


def test_every_flipped_bit_is_found() -> None:
    data = pack(TABLE)
    draw = np.random.default_rng(0)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << int(draw.integers(8))
        with pytest.raises(ValueError, match=r"changed|truncated"):
            unpack(bytes(changed))


def test_every_truncation_is_found() -> None:
    data = pack(TABLE)
    for length in range(len(data)):
        with pytest.raises(ValueError, match=r"changed|truncated"):
            unpack(data[:length])


def test_the_same_table_gives_the_same_bytes() -> None:
    assert pack(TABLE) == pack(TABLE.copy())


def test_another_parquet_file_is_refused() -> None:
    buffer = io.BytesIO()
    TABLE.to_parquet(buffer)
    with pytest.raises(ValueError, match="not a table of lth"):
        unpack(buffer.getvalue().replace(b"lth blake2b:", b"lth_blake2b:"))
