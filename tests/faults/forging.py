"""Forged files: what a run folder holds, changed at random in bytes and structure, its checksums stale or right."""

from __future__ import annotations

import hashlib
import io
import json
import re
from copy import deepcopy
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from hypothesis import strategies as st
from safetensors.numpy import load, save

# What no value can be written as: too deep, too large, no number, half a character.
RAW = (
    "[" * 100_000, '{"a":' * 100_000, "[" * 40 + "]" * 40, "9" * 23, "9" * 5000, "NaN", "-Infinity", "1e999",
    '"\\ud800"',
)  # fmt: skip
PLACE = "@raw@"
VALUES = (
    None, True, False, -1, 0, 1, 5, 2**31, 2**63, 0.5, 1e308, "", "status", "separated", "0", "[/b]", "\x1b[2J\nx",
    "a" * 3000, "../../outside", "é名", [], {}, [1], [0.5, 1], {"a": 1}, [[]], ["moons"],
    *(f"{PLACE}{number}" for number in range(len(RAW))),
)  # fmt: skip
NAMES = ("0", "new", "layer-1.mask", "layer0.bias_mask", "", "[/b]", "9" * 23, "status", "run", "\x1b[2J\n")
YAML = (
    b"a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n", b"[" * 100_000, b"{a: " * 5000, b"hydra: {overrides: 3}",
    b"!!python/object/apply:os.system ['touch outside/fired']", b"a: 2001-99-99", b"? [a]\n: 1", b"\x00", b"- 1\nb: 2",
    b"hydra: {overrides: {hydra: [], task: [5, null]}}", b"hydra: {overrides: {hydra: seed, task: {a: 1}}}",
    b"\xff\xfe",
)  # fmt: skip
_SEALS = {  # where a checksum stands, in hexadecimal, over a file in which it is all zeros
    "ticket": re.compile(rb'"checksum":"([0-9a-f]{64})"'),
    "summary": re.compile(rb'"checksum": "([0-9a-f]{32})"'),
    "table": re.compile(rb"lth blake2b:([0-9a-f]{32})"),
}


def sealed(kind: str, data: bytes) -> bytes:
    """The file with the checksum that its bytes have; as it is where there is no place for one."""
    found = list(_SEALS[kind].finditer(data))
    if not found:
        return data
    start, end = found[-1].span(1)
    blank = data[:start] + b"0" * (end - start) + data[end:]
    digest = hashlib.blake2b(blank, digest_size=(end - start) // 2).hexdigest().encode()
    return blank[:start] + digest + blank[end:]


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A few bytes flipped, cut out, put in or repeated; or the file ends early."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(1, 40))
        kind = draw(st.sampled_from(("flip", "flip", "put", "repeat", "zero", "cut", "end")))
        piece = data[at : at + length]
        if kind == "flip" and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "end":
            del data[at:]
        elif kind != "flip":
            new = {"put": piece + draw(st.binary(max_size=8)), "repeat": piece * 2, "zero": bytes(len(piece))}
            data[at : at + length] = new.get(kind, b"")
    return bytes(data)


@st.composite
def altered(draw: st.DrawFn, plain: Any) -> str:
    """Plain data as JSON, of which a node or two are replaced, taken out or added."""
    root = {"": json.loads(json.dumps(plain))}
    for _ in range(draw(st.integers(1, 2))):
        node: Any = root
        key: Any = ""
        while isinstance(node[key], (dict, list)) and node[key] and draw(st.integers(0, 4)):
            node = node[key]
            key = draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
        kind = draw(st.sampled_from(("replace", "replace", "take", "add")))
        value = deepcopy(draw(st.sampled_from(VALUES)))
        if kind == "take" and node is not root:
            del node[key]
        elif kind == "add" and isinstance(node[key], dict):
            node[key][draw(st.sampled_from(NAMES))] = value
        else:
            node[key] = value
    text = json.dumps(root[""])
    for number, raw in enumerate(RAW):
        text = text.replace(f'"{PLACE}{number}"', raw)
    return text


@st.composite
def summaries(draw: st.DrawFn, whole: bytes) -> bytes:
    """summary.json, forged."""
    data = draw(damaged(whole)) if draw(st.integers(0, 2)) == 0 else draw(altered(json.loads(whole))).encode()
    return sealed("summary", data) if draw(st.booleans()) else data


@st.composite
def tickets(draw: st.DrawFn, whole: bytes) -> bytes:
    """A ticket, forged in its bytes, its header, one text of its metadata, or its tensors."""
    way = draw(st.sampled_from(("bytes", "header", "metadata", "metadata", "tensors", "tensors")))
    header, start = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")]), int.from_bytes(whole[:8], "little")
    if way == "bytes":
        data = draw(damaged(whole))
    elif way == "tensors":
        arrays = _tensors(draw, load(whole))
        data = save(arrays, header["__metadata__"])
    else:
        if way == "metadata":
            name = draw(st.sampled_from(("row", "tasks", "shape", "seed", "level", "config_hash")))
            texts = header["__metadata__"]
            inside = texts[name] if name == "config_hash" else json.loads(texts[name])
            texts[name] = draw(altered(inside))
            text = json.dumps(header, separators=(",", ":"))
        else:
            text = draw(altered(header)).replace(": ", ":").replace(", ", ",")
        data = len(text).to_bytes(8, "little") + text.encode() + whole[8 + start :]
    return sealed("ticket", data) if draw(st.integers(0, 3)) else data


def _tensors(draw: st.DrawFn, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    name = draw(st.sampled_from(sorted(arrays)))
    array = arrays[name].copy()
    kind = draw(st.sampled_from(("value", "value", "type", "shape", "same", "missing", "other name", "flip", "swap")))
    if kind == "value" and array.size:
        array.flat[draw(st.integers(0, array.size - 1))] = draw(st.sampled_from((np.nan, np.inf, 1e30, 0, 1, -1)))
    elif kind == "type":
        array = array.astype(draw(st.sampled_from(("float16", "float64", "float32", "bool", "int8", "uint64"))))
    elif kind == "shape":
        array = draw(st.sampled_from((array.T, array.ravel(), array[:-1], array[None], np.zeros(0, array.dtype))))
    elif kind == "same":
        array[...] = draw(st.booleans())
    elif kind == "flip":
        array = ~array if array.dtype == bool else -array
    elif kind == "swap":
        other = draw(st.sampled_from(sorted(arrays)))
        arrays[name], array, name = arrays[other], array, other
    arrays[name] = array
    if kind in ("missing", "other name"):
        del arrays[name]
    if kind == "other name":
        arrays[draw(st.sampled_from((*NAMES, f"{name}2", "layer9.mask")))] = array
    return {one: np.ascontiguousarray(kept) for one, kept in arrays.items()}


@st.composite
def tables(draw: st.DrawFn, whole: bytes) -> bytes:
    """A parquet table, forged in its bytes, or in its columns, their types and what is noted beside them."""
    if draw(st.integers(0, 2)) == 0:
        data = draw(damaged(whole))
    else:
        buffer = io.BytesIO()
        pq.write_table(_columns(draw, pq.read_table(io.BytesIO(whole))), buffer)
        data = buffer.getvalue()
    return sealed("table", data) if draw(st.integers(0, 3)) else data


def _columns(draw: st.DrawFn, table: pa.Table) -> pa.Table:
    at = draw(st.integers(0, table.num_columns - 1))
    name, length = table.column_names[at], len(table)
    kind = draw(st.sampled_from(("drop", "name", "type", "null", "values", "twice", "more", "rows", "notes")))
    if kind == "drop":
        return table.remove_column(at)
    if kind == "rows":
        return draw(st.sampled_from((table.slice(0, 0), table.slice(1), pa.concat_tables([table, table]))))
    if kind == "notes":
        notes = draw(st.sampled_from((b"{", b"[]", b'{"columns": 5}', b"[" * 100_000, b'{"index_columns": [{}]}')))
        place = draw(st.sampled_from((b"pandas", b"PANDAS_ATTRS")))
        return table.replace_schema_metadata({**(table.schema.metadata or {}), place: notes})
    new: dict[str, pa.Array] = {
        "null": pa.nulls(length, table.schema.field(at).type),
        "values": pa.array([draw(st.sampled_from((-1, 0, 7, 2**62)))] * length),
        "type": pa.array([draw(st.sampled_from(("x", 0.5, True, b"x", [1], {"a": 1}, None)))] * length),
    }
    if kind in new:
        return table.set_column(at, name, new[kind])
    added = draw(st.sampled_from(NAMES)) if kind == "more" else name
    if kind == "name":
        names = table.column_names
        return table.rename_columns([*names[:at], draw(st.sampled_from(NAMES)), *names[at + 1 :]])
    return table.append_column(added, table.column(at) if kind == "twice" else pa.array(["x"] * length))


@st.composite
def yamls(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file of `.hydra`, forged in its bytes or its structure, or another YAML altogether."""
    way = draw(st.integers(0, 3))
    if way == 0:
        return draw(st.sampled_from(YAML))
    # JSON is YAML.
    return draw(damaged(whole)) if way == 1 else draw(altered(yaml.safe_load(whole))).encode()
