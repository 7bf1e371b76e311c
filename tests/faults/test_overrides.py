"""Wild command lines: each ends in 0, 1 or 2, and says so in lines, never in a traceback.

`make test-faults` has LTH_LINES=500 of them.
"""

import os
import random
import string
from pathlib import Path

import pytest

from lth.command.run import start

LINES = int(os.environ.get("LTH_LINES", "40"))
PIECES = (
    "seed", "model.hidden", "dataset", "pruning", "trainer.patience", "=", "=", "+", "~", ",", "..", "0", "8", "1e9",
    "-3", "nan", "null", "[", "]", "{", "}", "'", "$", "${seed}", "${nope}", "é", " ", "x", "random", "@", ":", "(",
    ")", "pruning/schedule=geometric", "optimizer.lr=1e-3", "hydra.run.dir", "range(0,3)", "glob(*)", "choice(8,10)",
    "hydra/launcher", "hydra.sweep.dir", "hydra.sweep.subdir", "\\", '"', "\t", "\n", "_target_", "experiment",
)  # fmt: skip
SENSIBLE = (
    "model.hidden=8,..,13", "seed=0..3", "pruning=magnitude,random", "dataset.noise=0.1", "trainer.max_epochs=10",
    "pruning.schedule.rate=0.32", "optimizer.lr=1e-3", "tracking=off", "hydra.sweep.dir=sweep", "dataset=n_moons",
    "dataset.n=3", "model.hidden=[8,8]", "model.depth=2", "penalty=l1", "pruning/criterion=movement",
    "~penalty", "+new=1", "++trainer.workers=2", "hydra.run.dir=run", "optimizer._target_=torch.optim.Adam",
    "trainer.precision=float64",
)  # fmt: skip
FLAGS = ((), (), ("-m",), ("-m",), ("--resume", "run"), ("--resume",), ("--cfg", "job"), ("--multirun",), ("-x",))


def wild(draw: random.Random) -> list[str]:
    """Random pieces in a row, or sensible overrides of which some characters are changed; flags for some."""
    if draw.random() < 0.5:
        line = ["".join(draw.choices(PIECES, k=draw.randint(1, 5))) for _ in range(draw.randint(1, 2))]
    else:
        line = [mutated(override, draw) for override in draw.sample(SENSIBLE, draw.randint(1, 3))]
    return [*draw.choice(FLAGS), *(argument for argument in line if not argument.startswith("-"))]


def mutated(text: str, draw: random.Random) -> str:
    """Up to two characters replaced, doubled or taken out."""
    for _ in range(draw.randint(0, 2)):
        at = draw.randrange(len(text))
        text = text[:at] + draw.choice(("", text[at] * 2, draw.choice(string.printable[:95]))) + text[at + 1 :]
    return text or "="


@pytest.fixture
def _nothing_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.command.run.train", lambda plans: [0] * len(plans))
    monkeypatch.setattr("lth.jobs.execute.execute", lambda plans, names=None: [0] * len(plans))
    monkeypatch.setattr("lth.command.run.warm_up", lambda: None)
    monkeypatch.setattr("lth.results.command.main", lambda arguments: 0)


@pytest.mark.usefixtures("_nothing_trains")
def test_wild_command_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw, codes = random.Random(0), {0: 0, 1: 0, 2: 0}
    for _ in range(LINES):
        line = wild(draw)
        try:
            code = start(line)
        except SystemExit as end:  # Hydra's parser of flags
            code = end.code
        except BaseException as error:
            error.add_note(f"python -m lth.run {line}")
            raise
        said = capsys.readouterr()
        assert code in codes, line
        codes[code] += 1
        assert "Traceback" not in said.err + said.out, line
        assert code == 0 or said.err.strip(), f"nothing said about {line}"
    print(codes)
    assert min(codes[0], codes[2]) > LINES / 25
