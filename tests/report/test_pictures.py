"""The figures in a page: of collected tables, and what it says where there are none."""

import base64
from pathlib import Path

from tests.report.made_run import tickets, write_run
from tests.report.packed import page_of

ROOT = Path(__file__).parents[2]


def test_figures_of_collected_tables_are_in_the_page_and_say_what_they_lack(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "regression", [tickets(0)])
    (folder / "tables").mkdir()
    table = (ROOT / "docs" / "tables" / "regression.levels.parquet").read_bytes()
    (folder / "tables" / "regression.levels.parquet").write_bytes(table)
    page, _ = page_of(folder)
    images = [str(found["src"]) for tag, found in page.elements if tag == "img"]
    assert len(images) == 3
    for image in images:
        kind, content = image.removeprefix("data:image/").split(";base64,")
        start = base64.b64decode(content)[:12]
        assert (kind, start[:5]) == ("svg+xml", b"<?xml") or (kind, start[8:]) == ("webp", b"WEBP")
        assert len(image) < 400_000
    assert any("no table null" in text for text in page.text)


def test_of_an_experiment_without_tables_the_page_says_how_to_have_figures(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "sweep" / "run", [tickets(0)]).parent
    (folder / "multirun.yaml").write_text("hydra: {overrides: {task: [experiment=null-models]}}")
    page, _ = page_of(folder)
    assert f"python -m lth.collect null-models {folder} --to {folder / 'tables'}" in "".join(page.text)
    page, _ = page_of(folder / "run")
    assert "lth.collect" not in "".join(page.text)
