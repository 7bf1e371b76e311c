"""What is stored in a ticket's row against what its masks say, as `python -m lth.ticket show` tells it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from plain_reading import wires
from tickets import ticket_of

from lth.ticket import save
from lth.ticket.__main__ import main

PARTED = wires((4, 3, 2), (0, 0, 0), (0, 1, 0), (0, 2, 1), (0, 3, 1), (1, 0, 0), (1, 1, 1))
LOST_INPUT = wires((4, 3, 2), (0, 0, 0), (0, 2, 1), (0, 3, 1), (1, 0, 0), (1, 1, 1))


def shown(path: Path, capsys: pytest.CaptureFixture[str], masks: Any, **told: Any) -> tuple[dict[str, str], str]:
    ticket = ticket_of(masks)
    save(path, replace(ticket, row=ticket.row | told))
    assert main(["show", str(path)]) == 0
    said = capsys.readouterr()
    return dict(line.split(maxsplit=1) for line in said.out.splitlines()), said.err


def test_a_row_that_says_otherwise_is_shown_beside_what_the_masks_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"status": "interconnected", "partition": "moons+circles", "cut": 5, "active_weights": 99}
    lines, warning = shown(tmp_path / "t", capsys, PARTED, **told)
    assert lines["status"] == "separated (its row says interconnected)"
    assert lines["active_weights"] == "6 (its row says 99)"
    assert warning.splitlines() == [
        "warning: what is stored with it is not what its masks say: active_weights, status, partition, cut"
    ]


def test_a_number_where_there_is_none_is_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, warning = shown(tmp_path / "t", capsys, LOST_INPUT, cut=3)
    assert lines["cut"] == "not computed (its row says 3)"
    assert warning.endswith("say: cut\n")


@pytest.mark.parametrize("told", [{}, {"cut": None, "cut_magnitude": None}, {"status": None}])
def test_what_was_not_computed_is_no_difference(
    told: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, warning = shown(tmp_path / "t", capsys, PARTED, **told)
    assert (lines["status"], lines["cut"], warning) == ("separated", "0", "")


def test_a_run_that_looks_at_outputs_alone_is_read_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(tmp_path / "t", capsys, LOST_INPUT)[0]["status"] == "degraded"
    lines, warning = shown(tmp_path / "t", capsys, LOST_INPUT, status="separated", cut=0, cut_magnitude=0.0)
    assert (lines["status"], warning) == ("separated", "")
