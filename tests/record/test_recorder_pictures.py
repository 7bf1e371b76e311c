"""Which tickets are drawn, and what becomes of those that cannot be."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lth.record.complete import recorded
from lth.record.picture import Picture, draw
from lth.record.recorder import Recorder
from lth.ticket.file import path_of
from lth.training.messages import Warned
from tests.record.read_back import summary
from tests.synthetic_run import KEEPS, finish_level, header, record_run


def test_a_ticket_that_cannot_be_drawn_is_only_a_warning(tmp_path: Path) -> None:
    heard: list[Warned] = []
    recorder = Recorder(tmp_path, header(seeds=(3,)), warn=heard.append)
    recorder.level(finish_level(tmp_path, 3, 0))
    (picture,) = recorder.over("finished")
    picture.ticket.write_bytes(picture.ticket.read_bytes()[:-3])
    draw(picture, recorder.drawn)
    recorder.close("finished")
    (warning,) = heard
    assert warning.text.startswith("no picture of seed 3, level 0: ")
    assert summary(tmp_path)["status"] == "finished"


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header(seeds=(0,)))
    recorder.level(finish_level(tmp_path, 0, 0))
    for picture in recorder.over("finished"):
        draw(picture, recorder.drawn)
    assert (tmp_path / "tickets/seed=0/ticket.png").read_bytes().startswith(b"\x89PNG")


def drawn_levels(folder: Path, statuses: Sequence[str], **changes: Any) -> list[Picture]:
    """What is to be drawn of a seed whose levels have these states."""
    recorder = Recorder(folder, header(seeds=(0,), **changes))
    for level, status in enumerate(statuses):
        recorder.level(finish_level(folder, 0, level, status))
    return recorder.over("finished")


def test_drawn_is_the_first_separation_or_else_the_last_level_that_is_not_degraded(tmp_path: Path) -> None:
    for number, (statuses, level) in enumerate(
        [
            (("interconnected", "separated", "separated"), 1),
            (("interconnected", "interconnected"), 1),
            (("separated", "degraded"), 0),
            (("interconnected", "fragmented", "degraded", "degraded"), 1),
            (("degraded", "degraded"), 1),
        ]
    ):
        folder = tmp_path / str(number)
        assert drawn_levels(folder, statuses) == [Picture(path_of(folder, 0, level), 0, level, "hidden 5, 5")]
    assert drawn_levels(tmp_path / "none", ()) == []


def test_what_is_drawn_already_or_not_wanted_is_not_drawn(tmp_path: Path) -> None:
    record_run(tmp_path, header())
    again = Recorder(tmp_path, header(), finished=[finish_level(tmp_path, 0, level, ticket=False) for level in (0, 1)])
    assert again.over("finished") == []
    finish_level(tmp_path, 0, 3)  # its ticket is younger than its picture
    (picture,) = again.over("finished")
    assert picture.seed == 0
    assert drawn_levels(tmp_path / "off", ("separated",), pictures=False) == []


def test_who_is_stopped_while_it_is_drawn_stays_finished(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header(seeds=(0,)))
    done = [finish_level(tmp_path, 0, level) for level in range(len(KEEPS))]
    for level in done:
        recorder.level(level)
    assert recorder.over("finished")
    recorder.close("stopped")
    assert summary(tmp_path)["status"] == "finished"
    assert not recorded(tmp_path, header(seeds=(0,)), done)  # the picture is still to come
    assert recorded(tmp_path, header(seeds=(0,), pictures=False), done)
