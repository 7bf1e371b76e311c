"""JSON that tells when a byte of it changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lth.files.foreign import json_of

_BLANK = "0" * 32  # stands in the checksum's place while the text is hashed


def pack(content: Mapping[str, Any]) -> bytes:
    """The content as JSON with a checksum of all its bytes as its last entry."""
    text = (json.dumps({**content, "checksum": _BLANK}, indent=1, allow_nan=False) + "\n").encode()
    return _sealed(text, _BLANK, _digest(text))


def unpack(data: bytes) -> dict[str, Any]:
    """Read what `pack` wrote; raises ValueError when it is truncated, changed in any byte, or no JSON object."""
    content = json_of(data)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    checksum = content.get("checksum")
    if checksum is None:
        raise ValueError("without its checksum")
    if _digest(_sealed(data, str(checksum) or _BLANK, _BLANK)) != checksum:
        raise ValueError("changed since it was written (its checksum differs)")
    return content


def _sealed(text: bytes, old: str, new: str) -> bytes:
    """The text with another checksum in the last place where the old one stands."""
    before, _, after = text.rpartition(old.encode())
    return before + new.encode() + after


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=len(_BLANK) // 2).hexdigest()
