"""The compiled kernel: trains one seed alone, whole epochs at a call, the same bits on every processor."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lth.stack.kernel.building import BuildError, build, name, whole

if TYPE_CHECKING:
    from lth.stack.kernel.binding import Library

FOLDER = Path(__file__).parent
BITS = 2  # one more whenever a change of the sources changes any bit of what is trained


@lru_cache(maxsize=1)
def library() -> Library | None:
    """The kernel of this machine, built anew where it is missing, broken or of other sources; None without one."""
    return _found()[0]


def why_not() -> str:
    """Why there is no kernel, in one line; empty where there is one."""
    return _found()[1]


def trained_by() -> str:
    """What trains on a CPU here: "kernel" and the number of its bits, or "torch"."""
    return "torch" if library() is None else f"kernel {BITS}"


@lru_cache(maxsize=1)
def _found() -> tuple[Library | None, str]:
    if os.environ.get("LTH_KERNEL", "").lower() in ("off", "0", "no"):
        return None, "LTH_KERNEL=off"
    path = FOLDER / name()
    if not whole(path):  # never loaded: what is not as it was written may end the process
        try:
            path = build(FOLDER)
        except BuildError as error:
            return None, str(error)
    from lth.stack.kernel.binding import Library

    try:
        found = Library(path)
    except (OSError, AttributeError) as error:
        return None, f"{path.name}: {error}"
    return (found, "") if found.supported() else (None, "this processor has no AVX2 with FMA")
