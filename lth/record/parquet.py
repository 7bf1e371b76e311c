"""Parquet files that tell when a byte of them changed; every parquet reader reads them."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lth.files.checksum import blank, is_stamped, stamped
from lth.files.foreign import line

_MARK = b"lth blake2b:"
_DIGITS = 32
MOST_NUMBERS = 2**30


def pack(table: pd.DataFrame, compression: str = "none") -> bytes:
    """The table as a parquet file with a checksum of all its bytes in its metadata.

    Small tables are read fastest uncompressed and without dictionaries.
    """
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    unknown = _MARK + blank(_DIGITS).encode()
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), b"checksum": unknown})
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer, compression=compression, use_dictionary=False, write_statistics=False)
    data = buffer.getvalue()
    return stamped(data, _place(data), _DIGITS)


def unpack(data: bytes) -> pa.Table:
    """Read what `pack` wrote; raises ValueError when it is truncated, changed in any byte, or by someone else."""
    at = _place(data)
    if at < len(_MARK):
        raise ValueError("truncated, or not a table of lth")
    if not is_stamped(data, at, _DIGITS):
        raise ValueError("changed since it was written (its checksum differs)")
    return _read(data)


def frame(data: bytes) -> pd.DataFrame:
    """The same as a pandas table with its attributes; raises ValueError as `unpack` does."""
    return _to_pandas(unpack(data))


def read_any(data: bytes) -> pd.DataFrame:
    """Any parquet file as a pandas table with its attributes, by whom ever; raises ValueError for what is none."""
    return _to_pandas(_read(data))


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    try:
        return table.to_pandas()
    except Exception as fault:  # noqa: BLE001  what pandas noted in the file may be anything
        raise ValueError(f"not a table of lth ({line(fault)})") from None


def _read(data: bytes) -> pa.Table:
    """Any parquet file's table, of which each number takes memory: a few bytes may stand for more than there is."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        if file.metadata.num_rows * file.metadata.num_columns > MOST_NUMBERS:
            raise ValueError(f"more than {MOST_NUMBERS} numbers")
        return file.read(use_threads=False)
    except Exception as fault:  # noqa: BLE001  thrift, arrow and its codecs each have errors of their own
        raise ValueError(f"not a table ({line(fault)})") from None


def _place(data: bytes) -> int:
    """Where the checksum is; the last mark counts, for the footer is last."""
    return data.rfind(_MARK) + len(_MARK)
