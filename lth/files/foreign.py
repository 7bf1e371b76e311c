"""What somebody else may have written: read within limits; whatever is wrong with it is a ValueError of one line."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any, NoReturn

MOST_BYTES = 2**30  # of a file that is read as a whole
DEEPEST = 32  # groups within groups: a summary, a configuration and Hydra's own record have 8 at most
_LONGEST = 200


def content(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file. Raises OSError, too for a pipe or a device, which may never end, and for `most`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer would not even open otherwise
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        if found.st_size > most:
            raise OSError(errno.EFBIG, f"larger than {most} bytes", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def json_of(text: bytes | str, *, infinite: bool = False) -> Any:
    """What JSON says; `infinite` lets NaN and Infinity in. Integers have 64 bits, texts can be written as UTF-8."""
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        found = json.loads(decoded, parse_int=_whole, parse_constant=None if infinite else _refuse)
        if "\\u" in decoded:  # half of a surrogate pair can be read, but never printed
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except OverflowError:
        raise ValueError("has an integer of more than 64 bits") from None
    except ValueError:
        raise ValueError("truncated, or not JSON") from None
    return _shallow(found)


def yaml_of(text: bytes) -> Any:
    """What YAML text says: plain data, without aliases, whose few lines can stand for more than fits any memory."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
                raise ValueError("has aliases, or is nested too deeply")
        return yaml.load(text, Loader=loader)
    except Exception as fault:  # noqa: BLE001  dates and numbers that cannot be fail in ways of their own
        raise ValueError(line(str(fault).partition("\n")[0]) or "not YAML") from None


def line(text: object) -> str:
    """The text in one line of reasonable length that a terminal shows as it is."""
    shown = "".join(one if one.isprintable() else "?" for one in " ".join(str(text).split()))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _whole(digits: str) -> int:
    number = int(digits) if len(digits) <= 20 else 2**64
    if not -(2**63) <= number < 2**63:
        raise OverflowError
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _shallow(found: Any) -> Any:
    nodes = [found]
    for _ in range(DEEPEST):
        groups = [node.values() if isinstance(node, dict) else node for node in nodes if isinstance(node, (dict, list))]
        nodes = [child for group in groups for child in group]
        if not nodes:
            return found
    raise ValueError("nested too deeply")
