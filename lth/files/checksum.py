"""A checksum that stands inside the bytes that it covers: they are hashed with zeros in its place."""

import hashlib


def blank(digits: int) -> str:
    """What stands in the place of a checksum of so many hexadecimal digits until it is known."""
    return "0" * digits


def stamped(data: bytes, at: int, digits: int) -> bytes:
    """The data with the checksum of all its bytes, blake2b in hexadecimal `digits`, in its place from `at` on."""
    blanked = data[:at] + blank(digits).encode() + data[at + digits :]
    checksum = hashlib.blake2b(blanked, digest_size=digits // 2).hexdigest().encode()
    return data[:at] + checksum + data[at + digits :]


def is_stamped(data: bytes, at: int, digits: int) -> bool:
    """Whether the data is as `stamped` gave it: false when any byte changed, and when there is no such place."""
    return 0 <= at <= len(data) - digits and stamped(data, at, digits) == data
