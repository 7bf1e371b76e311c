"""lth.files.checksum: files that were written before, byte by byte, and what is not as it was written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lth.files import checked_json
from lth.files.checksum import stamped
from lth.files.seal import seal, unseal
from lth.record.parquet import unpack

WRITTEN = Path(__file__).parent / "written"
SUMMARY = {"status": "finished", "seeds": {"0": {"levels": 3}}, "checked": "0" * 32, "wall_seconds": 1.5}
TENSORS = {
    "layer0.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "layer0.mask": np.array([[True, False, True]]),
}
METADATA = {"seed": "3", "row": '{"checksum":"' + "0" * 64 + '"}'}
TABLE = pd.DataFrame({"level": [0, 1], "cut": pd.array([None, 3], dtype="Int64"), "status": ["lth blake2b:", "b"]})
READERS: dict[str, Callable[[bytes], Any]] = {
    "summary.json": checked_json.unpack, "ticket.safetensors": unseal, "table.parquet": unpack,
}  # fmt: skip


def test_what_is_written_has_the_bytes_that_it_always_had() -> None:
    assert checked_json.pack(SUMMARY) == (WRITTEN / "summary.json").read_bytes()
    assert seal(TENSORS, METADATA) == (WRITTEN / "ticket.safetensors").read_bytes()
    table = (WRITTEN / "table.parquet").read_bytes()  # its writer, which is part of the bytes, has versions
    at = table.index(_digits(table))
    assert stamped(table[:at] + b"?" * 32 + table[at + 32 :], at, 32) == table


def test_what_was_written_before_is_read() -> None:
    assert {
        **checked_json.unpack((WRITTEN / "summary.json").read_bytes()),
        "checksum": ...,
    } == {**SUMMARY, "checksum": ...}
    tensors, metadata = unseal((WRITTEN / "ticket.safetensors").read_bytes())
    assert {name: array.tolist() for name, array in tensors.items()} == {
        name: array.tolist() for name, array in TENSORS.items()
    }
    assert METADATA.items() <= metadata.items()
    pd.testing.assert_frame_equal(unpack((WRITTEN / "table.parquet").read_bytes()).to_pandas(), TABLE)


@pytest.mark.parametrize("name", READERS)
def test_a_file_with_a_changed_byte_is_not_read(name: str) -> None:
    data = (WRITTEN / name).read_bytes()
    draw = np.random.default_rng(0)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << int(draw.integers(8))
        with pytest.raises(ValueError, match=r"\S"):
            READERS[name](bytes(changed))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("told", [b"", b"0", b"Z"])
def test_a_file_with_another_checksum_is_not_read(name: str, told: bytes) -> None:
    """Empty, zeros as while it was hashed, or no hexadecimal digits."""
    data = (WRITTEN / name).read_bytes()
    digits = checked_json.unpack(data)["checksum"].encode() if name == "summary.json" else _digits(data)
    with pytest.raises(ValueError, match=r"\S"):
        READERS[name](data.replace(digits, told * len(digits)))


def _digits(data: bytes) -> bytes:
    if b"lth blake2b:" in data:
        return data[data.rfind(b"lth blake2b:") + 12 :][:32]
    return unseal(data)[1]["checksum"].encode()
