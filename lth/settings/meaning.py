"""What a key is for, beside what it allows: for who asks what there is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Means:
    """A key in a few words."""

    text: str
