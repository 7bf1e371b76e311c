"""Tickets carried to other data, optimisers and starts: what is trained from what, and what is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from lth.command.retrain import start
from lth.command.run import start as run
from lth.results import load as results
from lth.ticket import Ticket, load, path_of
from tests.configured import SMALL
from tests.in_this_process import InThisProcess
from tests.small_jobs import flat, unpruned

SOURCE = (*SMALL, "dataset.n_train=48", "pictures=false", "seed=0..2", "model.bias_init=normal")


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.jobs.execution.Pool", InThisProcess)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A run of three seeds and two levels."""
    folder = tmp_path / "source"
    assert run([*SOURCE, f"hydra.run.dir={folder}"]) == 0
    return folder


def retrain(place: Path, *arguments: object) -> int:
    return start([*map(str, arguments), f"hydra.run.dir={place}"])


def same_values(one: Ticket, other: Ticket) -> bool:
    return np.array_equal(flat(one.weights, one.biases), flat(other.weights, other.biases))


def test_trained_as_before_it_is_the_ticket(source: Path, tmp_path: Path) -> None:
    """Level 1 of a run is its mask trained from the anchor in the order of level 1: the same bits come back."""
    assert retrain(tmp_path / "again", source) == 0
    for seed in range(3):
        old, new = (load(path_of(folder, seed, 1)) for folder in (source, tmp_path / "again"))
        assert same_values(old, new)
        np.testing.assert_array_equal(old.epochs, new.epochs)
        assert old.row["test_accuracy"] == new.row["test_accuracy"]
        start_ = load(path_of(tmp_path / "again", seed, 0))
        assert len(start_.epochs) == 0
        np.testing.assert_array_equal(start_.weights[0], old.anchors[0])


@pytest.mark.parametrize("restart", ["reset", "reinit", "sign_constant", "trained", "random_reinit"])
def test_masks_are_the_tickets_whatever_else_is_new(restart: str, source: Path, tmp_path: Path) -> None:
    asked = ["dataset=n_moons", "dataset.n_train=64", "optimizer=sgd", "optimizer.lr=.05", f"pruning/restart={restart}"]
    assert retrain(tmp_path / "new", source, *asked) == 0
    masks = set()
    for seed in range(3):
        old, new = (load(path_of(folder, seed, 1)) for folder in (source, tmp_path / "new"))
        np.testing.assert_array_equal(unpruned(old), unpruned(new))
        assert not same_values(old, new)
        assert [task.name for task in new.tasks] != [task.name for task in old.tasks]
        masks.add(unpruned(new).tobytes())
    assert len(masks) == 3
    table = results(str(tmp_path / "new"))
    assert sorted(set(table["seed"])) == [0, 1, 2]
    assert table["density"].min() < 1


def test_trained_values_are_where_the_ticket_ended(source: Path, tmp_path: Path) -> None:
    assert retrain(tmp_path / "on", source, "pruning/restart=trained") == 0
    for seed in range(3):
        old, new = load(path_of(source, seed, 1)), load(path_of(tmp_path / "on", seed, 0))
        assert same_values(old, new)
        assert new.row["test_accuracy"] == old.row["test_accuracy"], "before it trains it is the ticket"


def test_late_anchors_are_the_tickets(tmp_path: Path) -> None:
    """Not what the seed draws."""
    source = tmp_path / "late"
    assert run([*SOURCE, "pruning/rewind=late", "pruning.rewind.step=4", f"hydra.run.dir={source}"]) == 0
    assert retrain(tmp_path / "again", source) == 0
    old, new = load(path_of(source, 0, 1)), load(path_of(tmp_path / "again", 0, 0))
    np.testing.assert_array_equal(flat(old.anchors, old.anchor_biases), flat(new.weights, new.biases))
    np.testing.assert_array_equal(flat(new.anchors, new.anchor_biases), flat(new.weights, new.biases))


def test_one_ticket_is_one_seed_as_among_others(source: Path, tmp_path: Path) -> None:
    assert retrain(tmp_path / "all", source, "optimizer.lr=.01") == 0
    assert retrain(tmp_path / "one", path_of(source, 1, 1), "optimizer.lr=.01") == 0
    assert sorted(path.name for path in (tmp_path / "one/tickets").iterdir()) == ["seed=1"]
    assert same_values(*(load(path_of(tmp_path / name, 1, 1)) for name in ("all", "one")))


def test_the_same_command_goes_on(source: Path, tmp_path: Path) -> None:
    place = tmp_path / "new"
    assert retrain(place, source, "optimizer.lr=.01") == 0
    whole = {path: path.read_bytes() for path in place.glob("tickets/*/*")}
    path_of(place, 1, 1).unlink()
    shutil.rmtree(place / "tickets/seed=2")
    assert retrain(place, source, "optimizer.lr=.01") == 0
    assert {path: path.read_bytes() for path in place.glob("tickets/*/*")} == whole


def test_without_a_record_the_defaults_are_said(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(source / ".hydra")
    capsys.readouterr()
    small = [one for one in SOURCE if one.startswith(("trainer", "dataset", "tracking", "pictures"))]
    assert retrain(tmp_path / "new", source, *small) == 0
    assert "as by default" in capsys.readouterr().err


def test_a_folder_does_not_say_where_tickets_are_read(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "new"
    assert retrain(place, source) == 0
    path_of(place, 1, 1).unlink()
    capsys.readouterr()
    assert run(["--resume", str(place)]) == 2
    assert "origin.folder" in capsys.readouterr().err
    moved = source.rename(tmp_path / "moved")
    assert run(["--resume", str(place), f"+origin.folder={moved}"]) == 0
    assert path_of(place, 1, 1).exists()


REFUSED = {
    "another shape": (["dataset=digits_pair", "dataset.n_train=48"], "networks [4, 6, 6, 2]"),
    "a method": (["pruning=random"], "the ticket's own"),
    "a size": (["model.hidden=9"], "the ticket's own"),
    "a criterion": (["pruning/criterion=movement"], "the ticket's own"),
    "no restart": (["pruning/restart=nowhere"], "must be one of"),
    "no seed": (["seed=7"], "a ticket of seed 7"),
    "no level": (["--level", "5"], "level=05"),
    "a dense level": (["--level=0"], "level 0"),
    "no number": (["--level", "last"], "integer"),
    "an unknown key": (["optimizer.speed=1"], "speed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_one_line(
    case: str, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, said = REFUSED[case]
    capsys.readouterr()
    assert retrain(tmp_path / "new", source, *asked) == 2
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told
    assert not (tmp_path / "new").exists()


def test_what_is_no_ticket_is_refused(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lone, broken = tmp_path / "lone.safetensors", path_of(source, 2, 1)
    lone.write_bytes(broken.read_bytes())
    broken.write_bytes(broken.read_bytes()[:-9])
    for path, said in ((lone, "run folder"), (broken, "truncated"), (tmp_path, "has tickets"), (tmp_path / "x", "x")):
        capsys.readouterr()
        assert retrain(tmp_path / "new", path) == 2
        told = capsys.readouterr().err.strip()
        assert said in told
        assert "\n" not in told


def test_a_given_mask_needs_its_ticket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = "pruning.criterion._target_=lth.method.criterion.given.Given"
    assert run([*SOURCE, given, f"hydra.run.dir={tmp_path / 'run'}"]) == 2
    assert "lth.retrain" in capsys.readouterr().err
