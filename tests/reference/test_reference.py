"""docs/keys.md and docs/columns.md say what the program has, all of it, today."""

import re
from pathlib import Path

import pytest

from lth.command.compose import CONF
from lth.reference import annotated, columns, conf, keys
from lth.reference.__main__ import main
from lth.reference.meanings import CONTROLS, EPOCHS, LEVELS
from lth.ticket import State
from lth.ticket.columns import LAYOUT

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("name", "page"), [("keys.md", keys.page), ("columns.md", columns.page)])
def test_the_page_is_what_the_program_says(name: str, page: object) -> None:
    assert callable(page)
    assert (DOCS / name).read_text() == page(), "python -m lth.reference writes it"


def test_every_key_that_a_user_types_is_there() -> None:
    page = keys.page()
    listed = set(re.findall(r"^\| `([\w.]+)`", page.partition("## All choices")[0], re.MULTILINE))
    wanted = """seed pictures dataset.noise dataset.n_train dataset.seed dataset.noise_inputs dataset.n model.hidden
        model.depth model.init model.bias_init pruning.scope pruning.biases pruning.schedule.rate
        pruning.schedule.target pruning.schedule.levels pruning.schedule.base pruning.rewind.step trainer.max_epochs
        trainer.patience trainer.batch_size trainer.accelerator trainer.workers trainer.loss_cutoff optimizer.lr
        tracking.mode tracking.group ticket.degrade_on ticket.cut_limit"""
    assert set(wanted.split()) <= listed
    assert "_target_" not in page


def test_every_choice_of_conf_is_there() -> None:
    page = keys.page().partition("## All choices")[2]
    for path in CONF.rglob("*.yaml"):
        group = str(path.parent.relative_to(CONF))
        if group not in (".", "experiment") and not group.startswith("hydra"):
            section = re.search(rf"### {group}\n(.*?)(?=\n### |\Z)", page, re.DOTALL)
            assert section, group
            assert f"| `{path.stem}`" in section[1], path


def test_defaults_and_comments_are_read_with_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text('# What it is.\n_target_: a.b\nrate: 0.3  # share\ninner:\n  mode: "off"  # which\nlist: [a, b]\n')
    found = conf.read(path)
    assert (found.name, found.says) == ("some", "What it is.")
    assert found.values == {"rate": 0.3, "inner.mode": "off", "list": ["a", "b"]}
    assert found.comments == {"rate": "share", "inner.mode": "which"}


def test_every_column_has_a_meaning_and_every_meaning_a_column() -> None:
    assert set(LEVELS) == {name for _, names in LAYOUT for name in names.split()}
    page = columns.page()
    assert all(f"| `{name}` |" in page for name in (*LEVELS, *EPOCHS, *CONTROLS, "METRIC_TASK", "decided_in_LAYER"))


def test_the_annotated_ticket_is_what_its_notes_say() -> None:
    ticket = annotated.ticket()
    assert ticket.cut() == [annotated._BRIDGE]
    found = ticket.structure
    assert (found.status, found.neurons[1][4], found.neurons[2][4]) == ("interconnected", State.ZOMBIE, State.INACTIVE)
    assert all(found.weights[layer][end, start] == State.ACTIVE for layer, start, end in annotated._OWN)
    assert (DOCS / "concepts.png").read_bytes()[:4] == b"\x89PNG"


def test_the_command_writes_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--to", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split() == [
        str(tmp_path / name) for name in ("keys.md", "columns.md", "concepts.png")
    ]
    assert (tmp_path / "columns.md").read_text() == columns.page()
    (tmp_path / "file").touch()
    assert main(["--to", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.startswith("lth.reference: cannot write")
