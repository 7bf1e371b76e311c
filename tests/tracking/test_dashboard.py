"""lth.tracking.dashboard: the workspace that it builds, column by column, and how it is saved."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from lth.record.summary import seed_summary
from lth.ticket.columns import level_columns
from lth.ticket.outcome import Word
from lth.tracking import service
from lth.tracking.dashboard import main, workspace
from tests.wandb_backend import ENTITY
from tests.wandb_server import Server, serving

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic V1 style:DeprecationWarning")  # the library's own
EXPECTED = Path(__file__).with_name("dashboard.json")
TASKS = ("moons", "circles")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    service.end_service()
    with serving() as one:
        for name, value in one.environment().items():
            monkeypatch.setenv(name, value)
        yield one
        service.end_service()
    assert one.unknown == []


def structure(spec: dict[str, Any]) -> dict[str, Any]:
    """What W&B is told, without what the library makes up: ids, places, sizes."""
    kept = ("metrics", "xAxis", "groupBy", "groupAgg", "groupArea")
    return {
        section["name"]: {
            panel["config"]["chartTitle"]: {"type": panel["viewType"]}
            | {key: panel["config"][key] for key in kept if key in panel["config"]}
            for panel in section["panels"]
        }
        for section in spec["section"]["panelBankConfig"]["sections"]
    }


def test_the_workspace_is_the_one_that_was_agreed_on() -> None:
    made = workspace("me", "lth", "tickets", "model.hidden", TASKS, "sizes")._spec["spec"]
    assert structure(made) == json.loads(EXPECTED.read_text())
    (runs,) = made["section"]["runSets"]
    assert runs["grouping"] == [{"section": "config", "name": "model.value.hidden"}]
    (only,) = runs["filters"]["filters"]
    assert (only["key"], only["op"], only["value"]) == ({"section": "run", "name": "group"}, "=", "sizes")
    assert "config:model.value.hidden" in runs["runFeed"]["columnOrder"]


def test_every_panel_shows_a_name_that_runs_have() -> None:
    summary = seed_summary([], None, 1, "running")
    known = {*level_columns(TASKS), *summary, *(f"outcome/{word}" for word in get_args(Word))}
    sections = structure(workspace("me", "lth", "tickets", "config_hash", TASKS, None)._spec["spec"])
    panels = [panel for section in sections.values() for panel in section.values()]
    shown = {metric for panel in panels for metric in panel["metrics"]}
    assert shown <= known
    assert {f"test_accuracy_{task}" for task in TASKS} <= shown
    assert {name for name in known if "zombie" in name} <= shown
    assert {panel["groupBy"] for panel in panels} == {"config_hash.value"}


def test_it_is_saved_and_replaced(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--by", "model.hidden", "--project", "mine"]) == 0
    (view,) = server.views.values()
    assert (view["entityName"], view["projectName"], view["displayName"]) == (ENTITY, "mine", "lottery tickets")
    assert structure(json.loads(view["spec"])) == json.loads(EXPECTED.read_text())
    url = capsys.readouterr().out.strip()
    assert url.startswith(f"{server.url}/{ENTITY}/mine?nw=")
    assert main(["--project", "mine", "--tasks", "one", "--url", url]) == 0
    (view,) = server.views.values()
    assert "test_accuracy_one" in structure(json.loads(view["spec"]))["Accuracy per task"]


def test_nobody_logged_in_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    done = subprocess.run([sys.executable, "-m", "lth.dashboard"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nobody is logged in to W&B: ")
    assert done.stderr.count("\n") == 1


def test_the_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "wandb_workspaces", None)
    assert main(["--json"]) == 2
    assert capsys.readouterr().err.startswith("the dashboard needs wandb-workspaces: pip install")


def test_a_server_that_refuses_is_one_line(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.fault = 403
    assert main(["--entity", "me"]) in (1, 2)
    assert capsys.readouterr().err.count("\n") == 1
