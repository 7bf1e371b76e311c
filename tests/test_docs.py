"""What pages say is so: the README's lines run as written, the tutorial runs, links lead somewhere, a site is built."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch
import yaml
from nbclient import NotebookClient

from lth.__main__ import COMMANDS
from lth.method.criterion.criterion import Candidates

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
PAGES += sorted(ROOT.glob("docs/*.md"))
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
MODULE = re.compile(r"python -m (lth[\w.]*)")
COMMAND = re.compile(r"(?:^ {4}|`)lth ([a-z]+)", re.MULTILINE)


def blocks(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)


def test_the_lines_from_a_table_to_a_picture_run_as_written(tmp_path: Path) -> None:
    (code,) = blocks(ROOT / "README.md")
    assert len([line for line in code.splitlines() if line]) <= 12
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "script.py").write_text(code)
    ended = subprocess.run(
        [sys.executable, "-W", "error", "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "level 9/9" in ended.stdout
    assert re.search(r"seed +outcome +first_separation", ended.stdout)
    assert (tmp_path / "ticket.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_about_own_data_begins_as_the_readme_does() -> None:
    first, training, *_ = blocks(ROOT / "docs" / "own-data.md")
    assert first.strip() in blocks(ROOT / "README.md")[0]
    assert training.strip() in blocks(ROOT / "README.md")[0]


def test_the_criterion_of_the_page_about_extending_keeps_the_largest_of_each_layer() -> None:
    (code,) = blocks(ROOT / "docs" / "extending.md")
    made: dict = {"__name__": "balanced"}
    exec(code, made)
    trained = torch.tensor([[1.0, 3.0, 0.0, 10.0, -20.0, 40.0], [2.0, 2.0, 2.0, 0.5, 0.5, 0.5]])
    mask = trained != 0
    seen = Candidates(trained, trained, mask, (3, 3), (0, 1), 0)
    scores = made["Balanced"]().score(seen)
    assert torch.allclose(scores[0], torch.tensor([0.5, 1.5, 0.0, 3 / 7, 6 / 7, 12 / 7]))
    assert torch.allclose(scores[1], torch.ones(6))
    assert torch.equal(made["Balanced"](power=0.0).score(seen), trained.abs())


def test_the_tutorial_runs_and_shows_what_it_says() -> None:
    path = ROOT / "docs" / "tutorial.ipynb"
    page = nbformat.read(path, as_version=4)
    stored = json.loads(path.read_text())["cells"]
    NotebookClient(page, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell, before in zip(page.cells, stored, strict=True):
        if cell.cell_type == "code":
            kinds = [output["output_type"] for output in cell.outputs]
            assert kinds == [output["output_type"] for output in before["outputs"]], cell.source
            assert "stderr" not in [output.get("name") for output in cell.outputs]
    pictures = [
        output for cell in page.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_pages_name_are_there(page: Path) -> None:
    for name in MODULE.findall(page.read_text()):
        module = ROOT / Path(*name.rstrip(".").split("."))
        assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file(), name
    assert set(COMMAND.findall(page.read_text())) <= set(COMMANDS)


def test_every_page_has_its_place_on_the_site() -> None:
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    placed = re.findall(r"[\w/-]+\.md", json.dumps(config["nav"]))
    docs, left_out = ROOT / "docs", config["exclude_docs"].split()
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    assert sorted(placed) == sorted(pages - {*left_out})


def test_the_site_is_built_and_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    """`make docs` installs what builds it; without that there is nothing to be tried."""
    pytest.importorskip("mkdocs")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    api = (tmp_path / "site" / "api.html").read_text()
    assert all(name in api for name in ("from_arrays", "from_masks", "to_torch", "outcomes", "splits_remaining"))
    loads = re.compile(
        r"""<(?:script|img|iframe)[^>]*\ssrc="?(https?:)?//|<link[^>]*rel="?stylesheet[^>]*href="?https?:"""
    )
    for page in (tmp_path / "site").rglob("*.html"):
        assert not loads.search(page.read_text()), page
