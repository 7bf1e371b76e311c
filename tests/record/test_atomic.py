"""lth.files.atomic: whole files or the earlier ones, and one clear error."""

import errno
import os
import pickle
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lth.files.atomic import RecordError, set_aside, write_atomic
from tests.disks import forbid_writing, small_disk


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    with small_disk(tmp_path / "disk", "64k") as folder:
        yield folder


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
    forbid_writing(tiny_disk)
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


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
@pytest.mark.parametrize("name", ["file", ".file.tmp"])
def test_links_are_replaced_and_not_followed(name: str, kind: str, tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "folder" / name
    victim.write_bytes(b"precious")
    link.parent.mkdir()
    if kind == "hard":
        link.hardlink_to(victim)
    else:
        link.symlink_to(victim)
    write_atomic(tmp_path / "folder" / "file", b"new")
    assert victim.read_bytes() == b"precious"
    assert (tmp_path / "folder" / "file").read_bytes() == b"new"
    assert [path.name for path in link.parent.iterdir()] == ["file"]
    assert not (tmp_path / "folder" / "file").is_symlink()


def test_no_folder_below_the_one_named_is_entered_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside" / "b").mkdir(parents=True)
    (tmp_path / "outside" / "b" / "file").write_bytes(b"precious")
    (tmp_path / "there").mkdir()
    (tmp_path / "here").symlink_to("there")  # the folder that is named may itself be one
    here = tmp_path / "here"
    write_atomic(here / "a" / "b" / "file", b"new", here)
    assert (tmp_path / "there" / "a" / "b" / "file").read_bytes() == b"new"
    shutil.rmtree(here / "a")
    (here / "a").symlink_to(tmp_path / "outside")
    for act in (lambda path: write_atomic(path, b"new", here), lambda path: set_aside(path, here)):
        with pytest.raises(RecordError, match="a is a link, and nothing is written through links"):
            act(here / "a" / "b" / "file")
        with pytest.raises(RecordError, match="outside"):
            act(here / ".." / "outside" / "file")
    assert [path.name for path in (tmp_path / "outside").rglob("*")] == ["b", "file"]
    assert (tmp_path / "outside" / "b" / "file").read_bytes() == b"precious"


def test_setting_aside_takes_names_that_are_free(tmp_path: Path) -> None:
    (tmp_path / "file.broken").symlink_to("nowhere")
    for content in (b"1", b"2"):
        (tmp_path / "file").write_bytes(content)
        assert set_aside(tmp_path / "file") == "file"
    assert (tmp_path / "file.broken").is_symlink()
    assert [(tmp_path / f"file.{number}.broken").read_bytes() for number in (2, 3)] == [b"1", b"2"]
