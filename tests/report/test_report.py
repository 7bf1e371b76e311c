"""The page of a folder: what it counts, packs, names and refuses; how it looks is tested in a browser."""

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lth.files import checked_json
from lth.report.__main__ import main
from lth.statistics import wilson
from lth.ticket import path_of
from tests.report.made_run import KEEPS, tickets, write_run
from tests.report.packed import Page, page_of, unpacked

ROOT = Path(__file__).parents[2]


def test_the_page_is_one_file_that_asks_for_nothing(run: Path) -> None:
    page = Page.of(run / "report.html")
    addresses = [value for _, found in page.elements for name, value in found.items() if name in ("src", "href")]
    assert all(str(address).startswith(("#", "data:")) for address in addresses)
    assert not {"iframe", "object", "embed", "base", "form"} & {tag for tag, _ in page.elements}
    assert not any(name.startswith("on") or name == "style" for _, found in page.elements for name in found)
    written = (run / "report.html").read_text()
    assert set(re.findall(r"https?://[^\s\"'`]+", written)) == {"http://www.w3.org/2000/svg"}  # a name, no address


def test_the_policy_allows_the_page_its_own_script_and_style_and_nothing_else(run: Path) -> None:
    page = Page.of(run / "report.html")
    policy = next(found["content"] for tag, found in page.elements if found.get("http-equiv"))
    digest = {
        name: base64.b64encode(hashlib.sha256("".join(page.inside[name]).encode()).digest()).decode()
        for name in ("style", "script")
    }
    assert policy is not None
    assert [rule.strip() for rule in policy.split(";")] == [
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{digest['style']}'",
        f"script-src 'sha256-{digest['script']}'",
    ]


def test_a_broken_or_foreign_ticket_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    folder = write_run(tmp_path / "run", [tickets(0), tickets(1)])
    path_of(folder, 0, 2).write_bytes(path_of(folder, 0, 2).read_bytes()[:-9])
    path_of(folder, 0, 4).write_bytes(path_of(folder, 1, 4).read_bytes())
    assert main([str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{folder / 'report.html'}\n"
    assert len(said.err.splitlines()) == 2
    assert f"{path_of(folder, 0, 2)}: " in said.err
    assert f"{path_of(folder, 0, 4)}: is the ticket of seed 1, level 4" in said.err
    page = Page.of(folder / "report.html")
    head, _ = unpacked(page.data[0]["seeds"][0]["data"])
    assert head["drawn"] == [0, 1, 3, 5]
    assert head["levels"]["level"] == [0, 1, 2, 3, 4, 5]  # the curves have it from the table
    assert any(str(path_of(folder, 0, 2)) in text for text in page.text)


def test_without_any_ticket_there_are_still_outcomes(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [tickets(0)])
    for level in range(len(KEEPS)):
        path_of(folder, 0, level).unlink()
    page, notes = page_of(folder)
    assert page.data == []
    assert len(notes) == 1
    assert any("of 1 finished runs" in text for text in page.text)


def test_what_a_folder_says_of_itself_is_text_and_never_markup(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><b onclick='x'>&"
    for name, value in (("a", evil), ("b", "plain")):
        write_run(tmp_path / "sweep" / name, [tickets(0)], {"dataset": {"name": value}})
    path = path_of(tmp_path / "sweep" / "a", 0, 0)
    path.write_bytes(b"<b>")
    page, _ = page_of(tmp_path / "sweep")
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    assert not any(tag == "b" for tag, _ in page.elements)
    assert evil in "".join(page.text)
    assert f"dataset.name = {evil}" in [one["label"] for one in page.data]


def test_the_table_counts_every_seed_and_the_viewer_as_many_as_asked(tmp_path: Path) -> None:
    chains = [tickets(seed, keeps=KEEPS[:3]) for seed in range(12)]
    for hidden in (8, 12):
        write_run(tmp_path / "sweep" / str(hidden), chains, {"model": {"hidden": hidden}})
    page, notes = page_of(tmp_path / "sweep", seeds=3)
    assert [len(one["seeds"]) for one in page.data] == [3, 3]
    assert [one["label"] for one in page.data] == ["model.hidden = 8", "model.hidden = 12"]
    assert notes == ["2 configurations, each: 9 more seeds, counted but not in the viewer (--seeds 12)"]
    interval = wilson(0, 24)
    sentence = f"0 of 24 finished runs separated at some level (0\u00a0%, 95 % interval 0\u00a0% to {interval.high:.0%}"
    assert any(text.startswith(sentence[:-1]) for text in page.text)


def test_what_is_counted_only_is_said_of_one_configuration_by_its_name(tmp_path: Path) -> None:
    for hidden, number in ((8, 2), (12, 1), (16, 3)):
        chains = [tickets(seed, keeps=KEEPS[:2]) for seed in range(number)]
        write_run(tmp_path / "sweep" / str(hidden), chains, {"model": {"hidden": hidden}})
    _, notes = page_of(tmp_path / "sweep", seeds=1)
    assert notes == [
        "model.hidden = 8: 1 more seed, counted but not in the viewer (--seeds 2)",
        "model.hidden = 16: 2 more seeds, counted but not in the viewer (--seeds 3)",
    ]


def test_a_seed_that_two_folders_have_counts_once_and_unfinished_ones_are_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_run(tmp_path / "both" / name, [tickets(0), tickets(1)])
    summary = tmp_path / "both" / "b" / "summary.json"
    found = checked_json.unpack(summary.read_bytes())
    found["seeds"]["2"] = {**found["seeds"].pop("1"), "state": "stopped", "outcome": None}
    summary.write_bytes(checked_json.pack(found))
    page, _ = page_of(tmp_path / "both")
    text = "".join(page.text)
    assert "of 2 finished runs" in text
    assert "1 not finished, and not counted" in text
    assert "unfinished: b seed 2" in text


def test_the_page_names_the_commands_of_the_data_and_its_own(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [tickets(0)])
    assert main([str(folder), "--to", str(tmp_path / "a page.html")]) == 0
    text = "".join(Page.of(tmp_path / "a page.html").text)
    assert "python -m lth.run seed=0..1 model.hidden=12" in text
    assert f"python -m lth.report {folder} --to '{tmp_path / 'a page.html'}'" in text


def test_of_a_sweep_the_page_names_the_command_once(tmp_path: Path) -> None:
    for hidden in (8, 12):
        write_run(tmp_path / "sweep" / str(hidden), [tickets(0)], {"model": {"hidden": hidden}})
    where = "hydra.mode=MULTIRUN, hydra.sweep.dir=somewhere"
    typed = f"hydra: {{overrides: {{task: ['model.hidden=8,12', seed=0], hydra: [hydra.sweeper.max_rung=3, {where}]}}}}"
    (tmp_path / "sweep" / "multirun.yaml").write_text(typed)
    page, _ = page_of(tmp_path / "sweep")
    codes = "".join(page.text)
    assert "python -m lth.run -m model.hidden=8,12 seed=0 hydra.sweeper.max_rung=3" in codes
    assert "somewhere" not in codes
    assert "MULTIRUN" not in codes
    assert "seed=0..1" not in codes
    page, _ = page_of(tmp_path / "sweep" / "8")
    assert "python -m lth.run seed=0..1 model.hidden=12" in "".join(page.text)


def test_a_run_folder_may_be_called_like_what_lies_in_it(tmp_path: Path) -> None:
    page, notes = page_of(write_run(tmp_path / "tickets", [tickets(0)]))
    assert notes == []
    assert len(page.data) == 1


def test_bad_input_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main([str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    folder = write_run(tmp_path / "run", [tickets(0)])
    assert main([str(folder), "--to", str(folder)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(SystemExit) as refused:
        main([str(folder), "--seeds", "0"])
    assert refused.value.code == 2


def test_a_page_is_made_without_torch_hydra_or_lightning(run: Path) -> None:
    lines = [
        "import sys",
        "from lth.report.__main__ import main",
        f"assert main([{str(run)!r}, '--to', {str(run / 'again.html')!r}]) == 0",
        "heavy = {'torch', 'hydra', 'omegaconf', 'lightning', 'pytorch_lightning', 'matplotlib', 'wandb'}",
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)",
    ]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, check=True, capture_output=True)
