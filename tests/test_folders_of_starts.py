"""The folders that starts choose or are given: each its own, and what cannot be one is a line at once."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lth.command.accept import new_folder
from lth.command.run import start
from lth.settings import ConfigurationError, check_folder
from tests.faults.program import REDUCED, Starter

RUN = (*REDUCED, "model.hidden=8", "trainer.max_epochs=2", "seed=0")
FROZEN = (
    "import hydra.core.utils as utils, datetime\n"
    "class Noon(datetime.datetime):\n"
    "    @classmethod\n"
    "    def now(cls, tz=None): return cls(2030, 1, 2, 12)\n"
    "utils.datetime = Noon\n"
)


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> object:
    made = Starter(tmp_path_factory.mktemp("said"))
    yield made
    made.close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, in which nothing trains."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.command.run.train", lambda _: pytest.fail("something was trained"))
    monkeypatch.setattr("lth.jobs.execute.execute", lambda *_: pytest.fail("something was trained"))
    return tmp_path


@pytest.mark.parametrize(("flags", "top"), [((), "outputs"), (("-m",), "multirun")])
def test_starts_of_one_second_have_folders_of_their_own(
    flags: tuple[str, ...], top: str, starter: Starter, tmp_path: Path
) -> None:
    """Different configurations, which one folder would refuse, started while the clock stands still."""
    programs = [starter.start(tmp_path, *flags, *RUN, f"dataset.seed={seed}", before=FROZEN) for seed in range(3)]
    for program in programs:
        assert program.wait() == 0, program.err
    names = {path.name for path in (tmp_path / top).iterdir()}
    assert names == {"2030-01-02_12-00-00", "2030-01-02_12-00-00-2", "2030-01-02_12-00-00-3"}
    assert len(list((tmp_path / top).rglob("summary.json"))) == 3
    for name in names:
        assert starter.run(tmp_path, "--resume", f"{top}/{name}").ended() == 0


def test_no_two_processes_get_the_same_new_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lth.command.accept import new_folder; sys.stdin.read(1)\n"
        "print(*(new_folder(Path(sys.argv[1])) for _ in range(200)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a" / "b")]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    made = [name for process in processes for name in process.communicate(timeout=120)[0].split()]
    assert len(made) == len(set(made)) == 600
    assert len(list((tmp_path / "a").iterdir())) == 600


def test_a_named_folder_is_the_one_that_was_named(starter: Starter, tmp_path: Path) -> None:
    for _ in range(2):
        assert starter.run(tmp_path, *RUN, "hydra.run.dir='x/${now:%Y}'", before=FROZEN).ended() == 0
        assert starter.run(tmp_path, "-m", *RUN, "hydra.sweep.dir='y/${now:%Y}'", before=FROZEN).ended() == 0
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["2030"]
    assert [path.name for path in (tmp_path / "y").iterdir()] == ["2030"]


def test_jobs_of_one_folder_are_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["-m", "model.hidden=8,10", "pruning=magnitude,random", "hydra.sweep.dir=s"]
    assert start([*given, "hydra.sweep.subdir='${model.hidden}'"]) == 2
    allowed = "must differ from job to job, as ${hydra.job.num} is"
    assert capsys.readouterr().err.splitlines() == [
        f"hydra.sweep.subdir={size}: is that of the job with pruning=magnitude too; {allowed} "
        f"[model.hidden={size} pruning=random]"
        for size in (8, 10)
    ]  # fmt: skip
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    "subdir", [".", "", "..", "../..", "a/../.", "x", "x/${hydra.job.num}/../../x", "'a/b'", "${model.hidden}/../z"]
)
def test_jobs_in_the_way_of_others_are_refused(subdir: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["-m", "model.hidden=8,10", "hydra.sweep.dir=s/t", f"hydra.sweep.subdir={subdir}"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("hydra.sweep.subdir=")
    assert "another process" not in said
    assert not list(place.iterdir())


@pytest.mark.parametrize(("first", "second"), [("a", "a/b"), ("a/b", "a")])
def test_a_job_within_another_is_refused(
    first: str, second: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who reads a folder of runs looks into none of them for others."""
    monkeypatch.setenv("PLACE_8", first)
    monkeypatch.setenv("PLACE_10", second)
    name = "hydra.sweep.subdir='${oc.env:PLACE_${model.hidden}}'"
    assert start(["-m", "model.hidden=8,10", "hydra.sweep.dir=s", name]) == 2
    said = capsys.readouterr().err.splitlines()
    assert any(line.startswith(f"hydra.sweep.subdir={second}: is that of the job with model.hidden=8") for line in said)
    assert not list(place.iterdir())


ODD = ("/proc/x", "/dev/null/x", "file", "file/x", "pipe", "pipe/x", "nowhere", "nowhere/x", "round", "round/x",
       "n" * 256, "/".join(["d" * 200] * 21), "/".join(["d" * 200] * 20), "a\0b")  # fmt: skip


@pytest.fixture
def odd(place: Path) -> Path:
    """A file, a pipe, a link to nothing and one to itself, where folders are asked for."""
    (place / "file").write_text("")
    os.mkfifo(place / "pipe")
    (place / "nowhere").symlink_to("gone")
    (place / "round").symlink_to("round")
    return place


@pytest.mark.parametrize("folder", ODD)
@pytest.mark.parametrize("given", [["hydra.run.dir"], ["-m", "hydra.sweep.dir"], ["-m", "hydra.sweep.subdir"]])
def test_a_folder_that_cannot_be_made_is_one_line(
    given: list[str], folder: str, odd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *flags, key = given
    # a job's folder is told with its sweep's
    sweep = ["hydra.sweep.dir=."] if key.endswith("subdir") else []
    before = sorted(odd.rglob("*"))
    assert start([*flags, *sweep, f"{key}='{folder}'"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert said.startswith("hydra.sweep.dir=" if sweep else f"{key}=")
    assert "must be a folder that can be written (" in said
    assert sorted(odd.rglob("*")) == before


@pytest.mark.parametrize("code", [errno.EEXIST, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.EIO])
def test_a_file_system_is_asked_once(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some answer that every name is taken already: who goes on asking is at it for minutes."""
    asked: list[str] = []

    def refuse(path: object, *_: object, **__: object) -> int:
        asked.append(str(path))
        raise OSError(code, os.strerror(code), path)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ConfigurationError, match="must be a folder that can be written"):
        check_folder("hydra.run.dir", tmp_path / "x")
    assert 1 <= len(asked) <= 2


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_no_fault_of_the_configuration(
    code: int, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code), str(place))

    monkeypatch.setattr("lth.settings.surroundings._probe", full)
    for flags in ([], ["-m"]):
        assert start([*flags, "model.hidden=8"]) == 1
        assert capsys.readouterr().err == f"cannot write {place}: {os.strerror(code)}\n"


def test_asking_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for without in (False, True):
        if without:  # a file system that knows no files without a name
            monkeypatch.delattr(os, "O_TMPFILE")
        check_folder("hydra.run.dir", tmp_path / "a" / "b")
        assert not list(tmp_path.iterdir())


def test_a_link_to_a_folder_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    check_folder("hydra.run.dir", tmp_path / "link")
    check_folder("hydra.run.dir", tmp_path / "link" / "below")
    assert new_folder(tmp_path / "link") == tmp_path / "link-2"
