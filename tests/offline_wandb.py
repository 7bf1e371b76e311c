"""Reads the file of an offline W&B run: `:W&B` and 3 bytes, then LevelDB's log blocks of Record messages."""

from __future__ import annotations

import importlib
import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK = 32_768
HEADER = 7  # checksum (4), length (2), type (1)
HUNG = 200.0  # seconds after which nothing will be written any more, on the busiest machine
FULL, FIRST, _MIDDLE, LAST = 1, 2, 3, 4


def records(path: Path) -> Iterator[Any]:
    """Every Record of a .wandb file."""
    message = importlib.import_module("wandb.proto.wandb_internal_pb2").Record  # made when it is imported
    data = path.read_bytes()
    assert b":W&B".startswith(data[:4])
    for chunk in _chunks(data):
        record = message()
        record.ParseFromString(chunk)
        yield record


def _chunks(data: bytes) -> Iterator[bytes]:
    at, parts = HEADER, b""
    while at + HEADER <= len(data):
        room = BLOCK - at % BLOCK
        if room < HEADER:  # the rest of a block that holds no header
            at += room
            continue
        length, kind = struct.unpack_from("<HB", data, at + 4)
        piece = data[at + HEADER : at + HEADER + length]
        if len(piece) < length:  # it is being written
            return
        at += HEADER + length
        parts = piece if kind in (FULL, FIRST) else parts + piece
        if kind in (FULL, LAST):
            yield parts


def of_kind(path: Path, kind: str) -> list[Any]:
    """The records of one kind: run, history, metric, artifact, exit, …"""
    return [record for record in records(path) if record.WhichOneof("record_type") == kind]


def run_file(folder: Path, seed: int) -> Path:
    """The one .wandb file of a seed in a run folder, once its last record is there.

    W&B's own process writes it, also after it has said that the run is finished.
    """
    (path,) = (folder / "wandb").glob(f"offline-run-*/run-*-{seed}.wandb")
    until = time.monotonic() + HUNG
    while exit_code(path) is None:
        assert time.monotonic() < until, f"{path} was never finished"
        time.sleep(0.02)
    return path


def history(path: Path) -> list[dict[str, Any]]:
    """The logged rows, without W&B's own columns; a media entry has one key per field, as in `ticket.path`."""
    rows = []
    for record in of_kind(path, "history"):
        items = {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        rows.append({key: value for key, value in items.items() if not key.startswith("_")})
    return rows


def run_record(path: Path) -> Any:
    """The record of the run itself: group, job type, tags, notes, configuration."""
    return of_kind(path, "run")[0].run


def exit_code(path: Path) -> int | None:
    """The code a run finished with, None when it was left open."""
    codes = [record.exit.exit_code for record in of_kind(path, "exit")]
    return codes[-1] if codes else None
