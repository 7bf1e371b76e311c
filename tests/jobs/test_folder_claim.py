"""Whose a folder is: one process at a time, however many folders it has, and nobody's once that process is gone."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lth.files.atomic import RecordError
from lth.jobs.claim import check_claim, claim, claim_all
from lth.settings import ConfigurationError

HOLD = """
import sys
from pathlib import Path
from lth.jobs.claim import claim_all
with claim_all([(Path(folder), None) for folder in sys.argv[1:]]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(*folders: Path) -> Iterator[subprocess.Popen[str]]:
    """Holds these folders until it is told to end, or killed."""
    command = [sys.executable, "-c", HOLD, *map(str, folders)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.communicate()


def folders_of(place: Path, number: int) -> list[Path]:
    return [place / "sweep" / str(name) for name in range(number)]


def refused(folder: Path) -> bool:
    """Whether both the check and the claim refuse this folder."""
    answers = set()
    for tried in (check_claim, lambda folder: claim(folder).__enter__()):
        try:
            tried(folder)
            answers.add(False)
        except ConfigurationError as error:
            assert "another process records into it" in str(error)  # noqa: PT017
            answers.add(True)
    assert len(answers) == 1
    return answers.pop()


def test_a_thousand_folders_need_no_thousand_files(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, soft), hard))
    try:
        with claim_all([(folder, None) for folder in folders_of(tmp_path, 1020)]):
            assert refused(tmp_path / "sweep" / "1019")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("killed", [False, True])
def test_all_are_held_until_the_process_ends_or_is_killed(killed: bool, tmp_path: Path) -> None:
    folders = folders_of(tmp_path, 4)
    with another_process(*folders) as process:
        assert all(refused(folder) for folder in folders)
        if killed:
            process.kill()
            process.wait()
    assert not any(refused(folder) for folder in folders)


def test_what_a_dead_process_left_is_not_mistaken_for_the_next_ones(tmp_path: Path) -> None:
    """The folder whose file is locked has a new owner; the words that the old one left elsewhere are nobody's."""
    first, *others = folders_of(tmp_path, 3)
    with another_process(first, *others) as process:
        process.kill()
        process.wait()
    with another_process(first):
        assert refused(first)
        assert not any(refused(folder) for folder in others)


def test_a_folder_keeps_its_owner_under_any_of_its_names(tmp_path: Path) -> None:
    first, second = folders_of(tmp_path, 2)
    elsewhere = tmp_path / "far" / "away"
    elsewhere.parent.mkdir()
    second.mkdir(parents=True)
    elsewhere.symlink_to(second)
    with another_process(first, elsewhere):
        assert refused(second)
        assert refused(elsewhere)


def test_one_that_is_refused_leaves_the_others_free(tmp_path: Path) -> None:
    mine, theirs = folders_of(tmp_path, 2)
    with another_process(theirs):
        with pytest.raises(ConfigurationError, match="another process"), claim_all([(mine, None), (theirs, None)]):
            pass
        assert not refused(mine)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for number, folder in enumerate(folders_of(tmp_path, 2)):
        folder.mkdir(parents=True)
        (folder / ".claim").symlink_to(victim)
        with (
            pytest.raises(ConfigurationError, match="is a link"),
            claim_all([(tmp_path / f"own{number}", None), (folder, None)]),
        ):
            pass
    assert victim.read_text() == "precious"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".claim")
    check_claim(tmp_path)
    with pytest.raises(RecordError, match="is no file"), claim(tmp_path):
        pass


@pytest.mark.parametrize("place", ["a\0b", "gone", "../" * 3000, ".", "\udcff"])
def test_a_word_that_names_no_place_holds_nothing(place: str, tmp_path: Path) -> None:
    (tmp_path / ".claim").write_text(f"0123456789abcdef {place}", errors="surrogateescape")
    assert not refused(tmp_path)
