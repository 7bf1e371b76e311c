"""What trained a run folder: recorded, told, and the only one that goes on with it; folders of an earlier version."""

import json
import shutil
from pathlib import Path

import pytest

from lth.command.run import start
from lth.files import checked_json
from lth.results import load, runs
from lth.stack import kernel
from lth.ticket import load as load_ticket
from lth.ticket.__main__ import main as ticket_main

EARLIER = Path(__file__).parent / "earlier_run"
SMALL = (
    "model.hidden=10", "dataset.n_train=120", "dataset.n_val=80", "dataset.n_test=60", "trainer.max_epochs=2",
    "tracking=off", "pictures=false", "hydra.run.dir=run",
)  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_says_what_trained_it(here: Path) -> None:
    assert start(SMALL) == 0
    summary = checked_json.unpack((here / "run" / "summary.json").read_bytes())
    assert summary["trained_by"] == kernel.trained_by() == f"kernel {kernel.BITS}"


def test_another_trainer_does_not_go_on(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(SMALL) == 0
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    monkeypatch.setattr(kernel, "library", lambda: None)
    monkeypatch.setattr(kernel, "why_not", lambda: "no compiler")
    capsys.readouterr()
    assert start([*SMALL, "seed=0..1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("hydra.run.dir=")
    assert said.endswith("must be another folder\n")
    assert f": was begun by kernel {kernel.BITS}, here torch would go on (no kernel: no compiler)" in said
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def test_without_a_kernel_one_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(kernel, "library", lambda: None)
    monkeypatch.setattr(kernel, "why_not", lambda: "no compiler")
    assert start(["--version"]) == 0
    assert "no kernel (no compiler)" in capsys.readouterr().out


def test_an_earlier_folder_is_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(load(EARLIER)) == 4
    assert set(runs(EARLIER)["state"]) == {"finished"}
    path = EARLIER / "tickets" / "seed=0" / "level=01.safetensors"
    assert load_ticket(path).row["keep"] == load_ticket(path).masks[0].sum() + sum(
        int(mask.sum()) for mask in load_ticket(path).masks[1:]
    )
    assert ticket_main(["show", str(path)]) == 0
    assert capsys.readouterr().out.startswith("seed 0, level 1, shape (4, 10, 10, 2)")


def test_an_earlier_folder_does_not_go_on(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(EARLIER, here / "run")
    assert start(["--resume", "run", "seed=0..2"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("regulariser=l1: is called penalty now")
    assert start([*SMALL, "seed=0..2"]) == 2
    said = capsys.readouterr().err
    assert ": was begun by an earlier version, whose numbers differ in their last bits" in said
    assert json.loads((here / "run" / "summary.json").read_text())["seeds"].keys() == {"0", "1"}
