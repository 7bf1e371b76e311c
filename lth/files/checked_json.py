"""JSON that tells when a byte of it changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lth.files.checksum import blank, is_stamped, stamped
from lth.files.foreign import json_of

_DIGITS = 32


def pack(content: Mapping[str, Any]) -> bytes:
    """The content as JSON with a checksum of all its bytes as its last entry."""
    text = (json.dumps({**content, "checksum": blank(_DIGITS)}, indent=1, allow_nan=False) + "\n").encode()
    return stamped(text, text.rfind(blank(_DIGITS).encode()), _DIGITS)


def unpack(data: bytes) -> dict[str, Any]:
    """Read what `pack` wrote; raises ValueError when it is truncated, changed in any byte, or no JSON object."""
    content = json_of(data)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    if content.get("checksum") is None:
        raise ValueError("without its checksum")
    checksum = str(content["checksum"])
    if len(checksum) != _DIGITS or not is_stamped(data, data.rfind(checksum.encode()), _DIGITS):
        raise ValueError("changed since it was written (its checksum differs)")
    return content
