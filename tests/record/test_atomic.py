"""lth.record.atomic: whole files or the earlier ones, and one clear error."""

import errno
import os
import pickle
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lth.record.atomic import RecordError, write_atomic


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB; skips where nothing may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if (
        not mount
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True).returncode
    ):
        pytest.skip("no right to mount here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_reader_sees_one_whole_file_or_the_other(tmp_path: Path) -> None:
    path, seen, over = tmp_path / "file", set(), threading.Event()
    contents = [bytes([letter]) * 300_000 for letter in b"ab"]
    write_atomic(path, contents[0])

    def write() -> None:
        for turn in range(60):
            write_atomic(path, contents[turn % 2])
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not over.is_set():
        seen.add(path.read_bytes())
    writer.join()
    assert seen <= set(contents)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_full_disk_leaves_the_earlier_file(tiny_disk: Path) -> None:
    path = tiny_disk / "file"
    write_atomic(path, b"small")
    with pytest.raises(RecordError, match=rf"cannot write {path}: No space left on device"):
        write_atomic(path, b"x" * 200_000)
    assert path.read_bytes() == b"small"
    assert [path.name for path in tiny_disk.iterdir()] == ["file"]


def test_read_only_disk_is_one_clear_error(tiny_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    with pytest.raises(RecordError, match="Read-only file system"):
        write_atomic(tiny_disk / "deep" / "file", b"x")


def test_a_failing_sync_counts_as_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    write_atomic(tmp_path / "file", b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordError) as caught:
        write_atomic(tmp_path / "file", b"new")
    assert caught.value.path == tmp_path / "file"
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_error_travels_between_processes() -> None:
    error = RecordError(Path("/x/y"), OSError(errno.EACCES, "no"))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "cannot write /x/y: Permission denied"
