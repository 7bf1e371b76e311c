"""Tensors and text in one safetensors buffer under a checksum over every one of its bytes."""

import json
from typing import Any

import numpy as np
from safetensors.numpy import load as parse
from safetensors.numpy import save as serialise

from lth.files.checksum import blank, is_stamped, stamped
from lth.files.foreign import json_of, line

_DIGITS = 64


def seal(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes:
    """A safetensors file of the tensors and the metadata, with `checksum` (blake2b, 32 bytes in hex) added to it.

    The checksum covers all bytes, header and padding included, with 64 zeros in its own place. Equal arguments give
    equal bytes.
    """
    # safetensors writes the memory as it lies, so it must lie in C order.
    ordered = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    unstamped = _settle(serialise(ordered, {**metadata, "checksum": blank(_DIGITS)}))
    return stamped(unstamped, _place(unstamped, blank(_DIGITS)), _DIGITS)


def unseal(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The tensors (writable copies) and the metadata of a sealed buffer.

    Raises ValueError when it is truncated, differs from what was sealed in any byte, or never was a sealed buffer.
    """
    try:
        metadata = _header(content)[0]["__metadata__"]
        checksum = str(metadata["checksum"])
    except (ValueError, LookupError, TypeError):
        raise ValueError("not a ticket, or a damaged one: no readable header with a checksum") from None
    if len(checksum) != _DIGITS or not is_stamped(content, _place(content, checksum), _DIGITS):
        raise ValueError("truncated or changed: its bytes do not match its checksum")
    try:
        return {name: array.copy() for name, array in sorted(parse(content).items())}, metadata  # in one order
    except Exception as fault:  # noqa: BLE001  types that numpy lacks, places outside the file: each fails in its way
        raise ValueError(f"not tensors ({line(fault)})") from None


def _header(content: bytes) -> tuple[dict[str, Any], int]:
    """The header of a safetensors buffer (8 bytes of length, then that many of JSON) and where the data starts."""
    start = 8 + int.from_bytes(content[:8], "little")
    return json_of(content[8:start]), start


def _settle(content: bytes) -> bytes:
    """The same buffer with its header in one order: safetensors writes metadata in an order that varies."""
    header, start = _header(content)
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[start:]


def _place(content: bytes, checksum: str) -> int:
    """Where this checksum stands, -1 for nowhere."""
    # Quotes inside stored text are escaped, so only the metadata's own field can read like this.
    at = content.find(f'"checksum":"{checksum}"'.encode())
    return at if at < 0 else at + len('"checksum":"')
