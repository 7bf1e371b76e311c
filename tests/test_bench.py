"""The yardstick: its contestants train the same thing, its tables are kept, an unknown table is refused."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.bench.__main__ import main
from lth.bench.problem import Start
from lth.bench.research import components
from lth.bench.roofline import pieces
from lth.bench.throughput import _check_same, _rates
from lth.bench.tracking import _serving
from lth.data.dataset import Task
from lth.ticket import analyse
from tests.small_jobs import moons_circles


def test_contestants_train_the_same_thing() -> None:
    """Also JAX, where the extra is installed: rates are positive, and differing losses would raise."""
    every = {"kernel", "torch", "plain", "lightning"} | ({"jax"} if find_spec("jax") else set())
    found = _rates(moons_circles(), Start.of(12, 1.0), 1, 0.01, every=True)
    assert found.keys() == every
    assert min(found.values()) > 0


def test_contestants_that_differ_are_found() -> None:
    with pytest.raises(RuntimeError, match="do not train the same thing"):
        _check_same({"kernel": 0.5, "jax": 0.51})


def test_tables_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["structure", "--json", str(tmp_path / "bench.json")]) == 0
    (kept,) = json.loads((tmp_path / "bench.json").read_text()).values()
    assert [row["density"] for row in kept["rows"]] == [1.0, 0.1, 0.02]
    assert "without cut" in capsys.readouterr().out


def test_the_folders_of_the_results_table_are_read_whole(tmp_path: Path) -> None:
    assert main(["results", "--folders", "33", "--json", str(tmp_path / "bench.json")]) == 0
    (row,) = json.loads((tmp_path / "bench.json").read_text())["results"]["rows"]
    assert row["rows"] == 33 * 4 * 10


@pytest.mark.slow
def test_sweeps_come_to_their_first_job(tmp_path: Path) -> None:
    assert main(["jobs", "--jobs", "2,6", "--json", str(tmp_path / "bench.json")]) == 0
    rows = json.loads((tmp_path / "bench.json").read_text())["jobs"]["rows"]
    assert [(row["jobs"], row["queued"]) for row in rows] == [(2, 2), (6, 6)]


def test_a_method_that_trains_nothing_has_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.bench.methods.presets", lambda _: ["magnitude", "untrained", "untrained_random"])
    monkeypatch.setattr("lth.bench.methods.REPEATS", 1)
    assert main(["methods", "--json", str(tmp_path / "bench.json")]) == 0
    (kept,) = json.loads((tmp_path / "bench.json").read_text()).values()
    rows = {row["method"]: row for row in kept["rows"]}
    assert (rows["magnitude"]["times plain"], rows["untrained"]["times plain"]) == (1, None)
    assert rows["untrained"]["epochs"] == 0 < rows["untrained"]["ms per run"]


def test_unknown_tables_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed"]) == 2
    assert capsys.readouterr().err.startswith("tables=speed: must be among throughput")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_its_table_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gpu", "--json", str(tmp_path / "bench.json")]) == 2
    assert capsys.readouterr().err == "gpu: PyTorch finds no GPU here\n"


def test_servers_that_stand_in_for_wandb_come_from_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _serving()() as server:
        assert set(server.environment()) == {"WANDB_BASE_URL", "WANDB_API_KEY"}
    monkeypatch.setitem(sys.modules, "tests.wandb_server", None)
    assert main(["tracking", "--json", str(tmp_path / "bench.json")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("tracking: needs the repository")


def test_chains_need_another_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chains", "--before", str(tmp_path), "--json", str(tmp_path / "bench.json")]) == 2
    assert capsys.readouterr().err.startswith("chains: --before must be a checkout of another version")


def test_every_piece_of_the_kernel_has_its_rate_beside_the_core_s() -> None:
    rows = pieces()
    assert [row["width"] for row in rows] == ["38", "104", "410"]
    # Not which is faster: the two are measured one after the other, on a machine that may be shared.
    assert all(row[rate] > 0 for row in rows for rate in ("core", "forward", "back", "gradient"))


def test_research_analysis_finds_the_same_components() -> None:
    random = np.random.default_rng(0)
    tasks = (Task("moons", (0, 1), (0,), "binary"), Task("circles", (2, 3), (1,), "binary"))
    for density in (0.05, 0.2, 0.6):
        masks = tuple(random.random((out, into)) < density for into, out in ((4, 9), (9, 9), (9, 2)))
        assert len(components(masks)) == analyse(masks, tasks).columns()["components"]
