"""Folders as somebody could send them: forged records, and what they want to reach."""

import os
import pickle
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from lth.command.run import start

RUN = ("dataset.n_train=60", "dataset.n_val=60", "dataset.n_test=60", "trainer.max_epochs=2", "model.hidden=8",
       "trainer.workers=1", "tracking=off")  # fmt: skip
MINE = """
import os
from pathlib import Path
from lth.data.moons_circles import build as theirs

def build(**given):
    return theirs(**given)
"""


class Mark:
    """Whoever loads the pickle of it makes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return os.mkdir, (str(self.path),)


def sent(trained: Path, place: Path) -> None:
    """A copy of what was trained in `place`/sent, with what forged lines want to reach beside it."""
    shutil.copytree(trained, place / "sent")
    (place / "evil.pkl").write_bytes(pickle.dumps(Mark(place / "mark")))
    callback = {"_target_": "pathlib.Path.touch", "_args_": [str(place / "mark")]}
    evil = {"defaults": ["moons_circles"], "hydra": {"callbacks": {"x": callback}}}
    (place / "evil.yaml").write_text(f"# @package _global_\n{yaml.safe_dump(evil)}")
    (place / "mine.py").write_text(MINE)


def forge(record: Path, task: Sequence = (), hydra: Sequence = (), *, instead: bool = False) -> None:
    """Write overrides into what Hydra recorded, beside those that are there, or instead of them."""
    place = Path.cwd()
    content = yaml.safe_load(record.read_text())
    for part, lines in (("task", task), ("hydra", hydra)):
        before = [] if instead else content["hydra"]["overrides"][part]
        content["hydra"]["overrides"][part] = [*before, *(placed(line, place) for line in lines)]
    record.write_text(yaml.safe_dump(content))


def placed(line: object, place: Path) -> object:
    for word, name in (("PICKLE", "evil.pkl"), ("MARK", "mark"), ("EVIL", "evil")):
        line = line.replace(word, f"{place}/{name}") if isinstance(line, str) else line
    return line


def contents(place: Path) -> dict[str, object]:
    """Everything below: links as where they lead, files as what is in them."""
    found = [path for path in place.rglob("*") if "__pycache__" not in path.parts]
    return {
        str(path.relative_to(place)): path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
        for path in found
    }


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of this command line, which is refused in one line and changes nothing."""
    place = Path.cwd()
    before = contents(place)
    assert start(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    assert contents(place) == before
    return said.err
