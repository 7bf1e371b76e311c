"""Small disks that tests fill, or may not write to."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 60.0  # seconds in which whoever still has a file open there ends
_BUSY = "busy"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of this size, as mount has it, in a new folder; skips where nothing may be mounted."""
    folder.mkdir()
    said = _mount("-t", "tmpfs", "-o", f"size={size}", "none", str(folder))
    if said is not None:
        pytest.skip(f"no right to mount here ({said})")
    try:
        yield folder
    finally:  # lazily: workers that outlive a test by a moment may still stand in it
        subprocess.run(["umount", "--lazy", folder], check=True)


def forbid_writing(disk: Path) -> None:
    """Nothing on the disk can be written any more."""
    said = _mount("-o", "remount,ro", str(disk))
    assert said is None, said


def _mount(*arguments: str) -> str | None:
    """What mount complains of, None where it does not; it is asked again while something there is still in use."""
    mount = shutil.which("mount")
    if mount is None:
        return "no mount"
    deadline = time.monotonic() + PATIENCE
    while True:
        done = subprocess.run([mount, *arguments], capture_output=True, text=True)
        if done.returncode == 0:
            return None
        if _BUSY not in done.stderr or time.monotonic() > deadline:
            return done.stderr.strip()
        time.sleep(0.05)
