"""What `lth.train` does to its surroundings: nothing."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra

import lth
from lth.data import Dataset
from tests.door.asked import PRUNING, SHORT, SMALL


def test_the_callers_environment_and_hydra_stay_theirs(arrays: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("lth.door.one_stack.warm_up", lambda: os.environ.update(OMP_NUM_THREADS="1"))
    theirs = object()
    monkeypatch.setattr(GlobalHydra.instance(), "hydra", theirs)
    lth.train(arrays, *SHORT, hidden=6, pruning=PRUNING, progress=False)
    assert "OMP_NUM_THREADS" not in os.environ
    assert GlobalHydra.instance().hydra is theirs


def test_it_trains_in_a_thread(arrays: Dataset) -> None:
    found = []
    thread = threading.Thread(
        target=lambda: found.append(lth.train(arrays, *SHORT, hidden=6, pruning=PRUNING, progress=False))
    )
    thread.start()
    thread.join()
    assert found[0].seeds == (0,)


def test_nothing_is_shown_when_nobody_wants_it(arrays: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    lth.train(arrays, *SHORT, hidden=6, pruning=PRUNING, progress=False)
    assert capsys.readouterr().out == ""


def test_a_script_needs_no_guard_and_its_workers_do_not_import_it(tmp_path: Path) -> None:
    """Workers are started as the pool starts them, in processes of their own."""
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "import lth\n"
        "with Path('starts').open('a') as file:\n    file.write('x')\n"
        f"runs = lth.train('moons_circles', *{(*SMALL, *SHORT)!r}, 'trainer.workers=2',\n"
        f"                 hidden=6, seeds=range(2), pruning={PRUNING!r}, progress=False)\n"
        "print(len(runs.levels))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "error", script.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("6\n", "", 0)
    assert (tmp_path / "starts").read_text() == "x"


def test_importing_the_laboratory_is_light() -> None:
    code = (
        "import sys, lth\n"
        "assert 'train' in dir(lth) and not hasattr(lth, 'nothing')\n"
        "heavy = {'torch', 'numpy', 'pandas', 'hydra', 'matplotlib', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "lth.analyse, lth.Ticket, lth.Dataset, lth.results, lth.ticket\n"
        "print(sorted({'torch', 'hydra', 'matplotlib'} & set(sys.modules)))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n[]\n"


def test_the_stub_names_what_is_there() -> None:
    """Type checkers read it instead of the lazy names."""
    lazy = vars(lth)["_DOORS"].keys() | set(vars(lth)["_ROOMS"])
    stub = (Path(lth.__file__).parent / "__init__.pyi").read_text()
    assert {line.rpartition(" as ")[2] for line in stub.splitlines() if " as " in line} == lazy
    assert all(getattr(lth, name) is not None for name in lazy)
