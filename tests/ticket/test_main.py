"""`python -m lth.ticket`: show and export, and one line on what is wrong."""

import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest
import torch
from plain_reading import wires
from tickets import ticket_of
from torch import nn

from lth.ticket import save
from lth.ticket.__main__ import main

MASKS = wires((4, 3, 2), (0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1), (1, 2, 1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(tmp_path / "level=00.safetensors", ticket_of(MASKS))
    return tmp_path / "level=00.safetensors"


def test_show_prints_the_states_and_draws(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(path), "--png", str(tmp_path / "ticket.png")]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["seed"] == "3, level 0, shape (4, 3, 2), configuration a1b2"
    assert (lines["status"], lines["partition"], lines["active_weights"]) == ("separated", "moons|circles", "6")
    assert (lines["zombie_weights"], lines["cut"], lines["decided_in_1"]) == ("1", "0", "1")
    assert (tmp_path / "ticket.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["noext", "ticket.d/noext", ".hidden", "ends.", "picture.svg"])
def test_the_picture_is_in_the_file_that_is_named(
    name: str, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made"
    (made / name).parent.mkdir(parents=True)
    assert main(["show", str(path), "--png", str(made / name)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"drawn into {made / name}"
    assert [found for found in made.rglob("*") if found.is_file()] == [made / name]
    assert (made / name).read_bytes().startswith(b"<?xml" if name.endswith("svg") else b"\x89PNG")


def test_export_of_a_state_dict_computes_what_the_ticket_computes(path: Path) -> None:
    assert main(["export", str(path), "--to", "state_dict"]) == 0
    tensors = torch.load(path.with_suffix(".pt"), weights_only=True)
    plain, ticket = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), ticket_of(MASKS)
    plain.load_state_dict(tensors)
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    weights = [torch.from_numpy(weight) for weight in ticket.weights]
    biases = [torch.from_numpy(bias) for bias in ticket.biases]
    expected = torch.relu(x @ weights[0].T + biases[0]) @ weights[1].T + biases[1]
    torch.testing.assert_close(plain(x), expected)


def test_pruned_biases_are_exported_as_zero(tmp_path: Path) -> None:
    ticket = ticket_of(MASKS, prunable_biases=True)
    save(tmp_path / "t", ticket)
    assert main(["export", str(tmp_path / "t"), "--to", "state_dict", "--out", str(tmp_path / "x.pt")]) == 0
    tensors = torch.load(tmp_path / "x.pt", weights_only=True)
    assert ticket.bias_masks is not None
    for layer, kept in enumerate(ticket.bias_masks):
        assert ((tensors[f"{2 * layer}.bias"] != 0).numpy() == kept).all()


def test_export_of_graphml(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(path), "--to", "graphml", "--out", str(tmp_path / "g.graphml")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "g.graphml")
    assert nx.read_graphml(tmp_path / "g.graphml").number_of_edges() == 7


def test_bad_tickets_end_with_one_line_and_2(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(path.read_bytes()[:-3])
    bad = [
        ["show", str(tmp_path / "missing")],
        ["show", str(path)],
        ["export", str(path), "--to", "graphml"],
    ]
    for arguments in bad:
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert len(captured.err.splitlines()) == 1
        assert arguments[1] in captured.err


def test_places_that_cannot_be_written_end_with_one_line_and_2(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ["export", str(path), "--to", "graphml", "--out", str(tmp_path / "no" / "g")],
        ["export", str(path), "--to", "state_dict", "--out", str(tmp_path / "no" / "g")],
        ["show", str(path), "--png", str(tmp_path / "no" / "g.png")],
        ["show", str(path), "--png", str(tmp_path / "g.unknown")],
    ):
        assert main(arguments) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_bad_arguments_end_with_2() -> None:
    for arguments in ([], ["show"], ["export", "x"], ["export", "x", "--to", "onnx"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2


def test_as_a_user_runs_it(path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "lth.ticket", "show", str(path)], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0
    assert "separated" in shown.stdout
    path.write_bytes(b"")
    failed = subprocess.run(
        [sys.executable, "-m", "lth.ticket", "show", str(path)], capture_output=True, text=True, check=False
    )
    assert (failed.returncode, failed.stdout, len(failed.stderr.splitlines())) == (2, "", 1)


def test_structure_and_files_need_no_torch() -> None:
    code = "import lth.ticket, lth.ticket.draw, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
