"""What tests of the display share: a console to read, and a level that is done."""

import io

import numpy as np
from rich.console import Console

from lth.training.messages import LevelDone
from tests.synthetic_run import row


def plain_console() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=200, highlight=False), stream


def done(seed: int, level: int) -> LevelDone:
    return LevelDone(seed, level, row(seed, level), np.zeros((1, 3)))


def screen(stream: io.StringIO) -> str:
    """The last frame of a live display."""
    return stream.getvalue().rpartition("\x1b[2K")[2]
