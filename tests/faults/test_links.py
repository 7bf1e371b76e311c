"""Links in run folders: nothing is written through one, the folder itself excepted."""

import shutil
from pathlib import Path

import pytest

import lth.controls.__main__ as controls
from lth.ticket.__main__ import main as show
from tests.faults.foreign import RUN, contents, refused
from tests.faults.program import Starter

LINKED = (
    ".hydra", ".hydra/config.yaml", ".hydra/new.yaml", "tickets", ".claim", "wandb", ".wandb",
    "wandb/offline-run-1-abc-0", "lth.log",
)  # fmt: skip
REPLACED = (
    "summary.json", ".summary.json.tmp", "levels.parquet", ".levels.parquet.tmp", "tickets/seed=0/level=01.safetensors",
    "tickets/seed=1/.level=00.safetensors.tmp", "tickets/seed=0/ticket.png", "tickets/seed=0/.ticket.png.tmp",
    "summary.json.broken", "tickets/seed=0/level=01.safetensors.broken",
)  # fmt: skip


def link(path: Path, victim: Path) -> None:
    """What is there gives way to a link to the victim, which is made like it first: a folder or a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, victim)
        shutil.rmtree(path)
    else:
        victim.write_bytes(path.read_bytes() if path.exists() else b"precious")
        path.unlink(missing_ok=True)
    path.symlink_to(victim)


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("arguments", [["--resume", "sent/run"], [*RUN, "seed=0..1", "hydra.run.dir=sent/run"]])
def test_a_folder_with_a_link_where_others_write_is_refused(
    arguments: list[str], name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link(place / "sent" / "run" / name, place / "victim")
    assert f"{name} in it is a link" in refused(arguments, capsys)
    link(place / "sent" / "sweep" / "0" / name, place / "other")
    assert f"{name} in it is a link" in refused(["--resume", "sent/sweep"], capsys)
    if name != ".hydra/new.yaml":  # the controls write what they write into the folder itself
        assert controls.main(["sent/run"]) == 2


@pytest.mark.parametrize("name", REPLACED)
def test_no_file_is_written_through_a_link(name: str, starter: Starter, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    outside = tmp_path / "outside"
    outside.mkdir()
    if name.endswith(".broken"):
        (tmp_path / "run" / name.removesuffix(".broken")).write_bytes(b"broken")
    if name.endswith(".ticket.png.tmp"):  # a picture that is there is not drawn again
        (tmp_path / "run" / "tickets/seed=0/ticket.png").unlink()
    link(tmp_path / "run" / name, outside / "victim")
    before = contents(outside)
    done = starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run")
    assert done.ended() == 0, done.err
    assert contents(outside) == before
    written = [path for path in (tmp_path / "run").rglob("*") if path.is_symlink()]
    assert all(path.name.endswith(".broken") for path in written), "what was to be written there was not"


def test_no_file_is_written_through_a_hard_link(starter: Starter, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    names = [*(name for name in REPLACED if not name.endswith(".broken")), ".hydra/config.yaml", ".hydra/hydra.yaml"]
    for number, name in enumerate(names):
        path = tmp_path / "run" / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(b"precious")
        (tmp_path / f"victim {number}").hardlink_to(path)
    before = {path: path.read_bytes() for path in tmp_path.glob("victim *")}
    (tmp_path / "run" / "summary.json").write_bytes(b"")
    before[tmp_path / "victim 0"] = b""
    done = starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run")
    assert done.ended() == 0, done.err
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("seed", [0, 1])
def test_a_ticket_s_folder_that_is_a_link_is_not_entered(
    seed: int, starter: Starter, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    outside = tmp_path / "outside"
    tickets = tmp_path / "run" / "tickets" / f"seed={seed}"
    if tickets.exists():
        tickets.rename(outside)
    outside.mkdir(exist_ok=True)
    (outside / "level=00.safetensors").write_bytes(b"broken")
    tickets.symlink_to(outside)
    before = contents(outside)
    done = starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run")
    assert done.ended() == 1
    assert f"seed={seed} is a link, and nothing is written through links" in done.err
    assert "Traceback" not in done.err
    assert contents(outside) == before


def test_a_sweep_s_stack_that_is_a_link_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "sent" / "sweep" / "0").rename(place / "victim")
    (place / "sent" / "sweep" / "0").symlink_to(place / "victim")
    assert "is a link" in refused(["--resume", "sent/sweep"], capsys)


def test_stacks_lie_in_their_sweep(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("..", "../other", "/tmp/other", "a/../../other"):
        assert "must be a folder inside" in refused(["-m", *RUN, f"hydra.sweep.subdir={name}"], capsys)


def test_the_folder_itself_may_be_a_link(starter: Starter, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "there")
    (tmp_path / "here").symlink_to(tmp_path / "there")
    (tmp_path / "straight").symlink_to(tmp_path / "there" / "run")
    for arguments in (["--resume", "straight", "seed=0..1"], ["--resume", "here/sweep", "seed=0..1"]):
        done = starter.run(tmp_path, *arguments)
        assert (done.ended(), done.err) == (0, "")
    assert (tmp_path / "there" / "run" / "tickets" / "seed=1" / "level=00.safetensors").exists()


def test_an_export_beside_a_ticket_is_not_written_through_a_link(place: Path) -> None:
    ticket = place / "sent" / "run" / "tickets" / "seed=0" / "level=00.safetensors"
    for kind, suffix in (("graphml", ".graphml"), ("state_dict", ".pt")):
        victim = place / f"victim{suffix}"
        link(ticket.with_suffix(suffix), victim)
        assert show(["export", str(ticket), "--to", kind]) == 0
        assert victim.read_bytes() == b"precious"
        assert not ticket.with_suffix(suffix).is_symlink()


def test_controls_are_not_written_through_a_link(place: Path) -> None:
    for name in ("controls.parquet", ".controls.parquet.tmp"):
        link(place / "sent" / "run" / name, place / name)
        assert controls.main(["sent/run", "--workers", "1"]) == 0
        assert (place / name).read_bytes() == b"precious"
