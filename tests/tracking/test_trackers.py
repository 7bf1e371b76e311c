"""Trackio, TensorBoard and MLflow hold what the tables hold: a run per seed, the level as step, the same names."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import lth.tracking.tracker
from lth.command.compose import compose
from lth.jobs.plan import settings_of
from lth.record.recorder import Recorder
from lth.settings import ConfigurationError, as_environment_says
from lth.settings.modes import EXTRAS, Mode
from lth.settings.surroundings import check_machine
from lth.settings.tracking import _is_installed
from lth.tracking.tracker import Tracking, drain
from lth.training.messages import SeedFailed, Warned
from tests.synthetic_run import finish_level, header, record_run

Points = Mapping[str, Mapping[int, Any]]  # step → value, by the names of numbers
# The libraries warn of their own and each other's versions.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


@pytest.fixture(params=EXTRAS)
def mode(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mode]:
    """A tracker that is installed, whose store is this test's."""
    if find_spec(request.param) is None:
        pytest.skip(f"the extra {request.param} is not installed")
    monkeypatch.chdir(tmp_path)
    if request.param == "mlflow":
        from lth.tracking import mlflow_run

        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
        mlflow_run._client.cache_clear()
    if request.param == "trackio":
        for name in ("trackio.utils", "trackio.sqlite_storage", "trackio"):
            module = sys.modules.get(name)
            if module is not None and hasattr(module, "TRACKIO_DIR"):
                monkeypatch.setattr(module, "TRACKIO_DIR", tmp_path / "trackio")
        monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    yield request.param
    lth.tracking.tracker._said.clear()


def tensorboard_points(folder: Path, seed: int) -> Points:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # pyright: ignore[reportMissingImports]

    (file,) = (folder / "tensorboard" / f"seed={seed}").glob("events.out.tfevents.*")
    events = EventAccumulator(str(file), size_guidance={"scalars": 0}).Reload()
    return {name: {one.step: one.value for one in events.Scalars(name)} for name in events.Tags()["scalars"]}


def mlflow_points(folder: Path, seed: int) -> Points:
    from lth.tracking.mlflow_run import _client

    client = _client()
    experiment = client.get_experiment_by_name("lth")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id], f"params.seed = '{seed}'")
    assert run.data.params["model.hidden"] == "5"
    assert run.data.tags["group"] == "hash"
    names = run.data.metrics
    return {name: {one.step: one.value for one in client.get_metric_history(run.info.run_id, name)} for name in names}


def trackio_points(folder: Path, seed: int) -> Points:
    import trackio  # pyright: ignore[reportMissingImports]
    from trackio.sqlite_storage import SQLiteStorage  # pyright: ignore[reportMissingImports]

    (run,) = [run for run in trackio.Api().runs("lth") if f" seed={seed} " in run.name]
    config = run.config
    assert config is not None
    assert (config["seed"], config["_Group"]) == (seed, "hash")
    points: dict[str, dict[int, Any]] = {}
    for line in SQLiteStorage.get_logs("lth", run.name, run_id=run.id):
        for name, value in line.items():
            if isinstance(value, int | float):
                points.setdefault(name, {})[line["step"]] = value
    return points


POINTS: dict[str, Callable[[Path, int], Points]] = {
    "tensorboard": tensorboard_points, "mlflow": mlflow_points, "trackio": trackio_points,
}  # fmt: skip


def expected(folder: Path, seed: int) -> Points:
    """The numbers of the seed's rows of levels.parquet."""
    rows = pd.read_parquet(folder / "levels.parquet").query("seed == @seed").to_dict("records")
    points: dict[str, dict[int, Any]] = {}
    for row in rows:
        for name, value in row.items():
            if not isinstance(value, str) and not pd.isna(value):
                points.setdefault(str(name), {})[row["level"]] = float(value)
    return points


def assert_same(found: Points, wanted: Points) -> None:
    assert wanted.keys() <= found.keys()
    for name, points in wanted.items():
        assert found[name] == pytest.approx(points, rel=1e-6), name


def test_every_seed_has_a_run_with_the_names_of_the_table(
    mode: Mode, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    heard: list[Warned] = []
    record_run(tmp_path / "stack", header(seeds=(0, 3), mode=mode), warn=heard.append)
    assert heard == []
    assert capfd.readouterr() == ("", "")
    for seed in (0, 3):
        found = POINTS[mode](tmp_path / "stack", seed)
        assert_same(found, expected(tmp_path / "stack", seed))
        assert list(found["first_separation"].values())[-1] == 2
        assert not any(name.startswith("epoch/") for name in found)


def test_a_resumed_stack_doubles_nothing(mode: Mode, tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    first = Recorder(folder, header(seeds=(0,), mode=mode))
    done = [finish_level(folder, 0, level) for level in (0, 1)]
    for level in done:
        first.level(level)
    first.close("stopped")
    assert drain() == []
    again = Recorder(folder, header(seeds=(0,), mode=mode), finished=done)
    for level in (2, 3):
        again.level(finish_level(folder, 0, level))
    again.close("finished")
    assert drain() == []
    assert_same(POINTS[mode](folder, 0), expected(folder, 0))


def test_curves_pictures_and_tickets_on_request(mode: Mode, tmp_path: Path) -> None:
    folder, heard = tmp_path / "stack", list[Warned]()
    asked = Tracking(mode=mode, epochs=True, picture=True, ticket=True, tags=("a",), notes="why")
    record_run(folder, header(seeds=(0,), tracking=asked), warn=heard.append)
    assert heard == []
    curve = pd.read_parquet(folder / "epochs.parquet")["val_loss"].tolist()
    found = POINTS[mode](folder, 0)["epoch/val_loss"]
    assert found == pytest.approx(dict(enumerate(curve, start=1)), rel=1e-6)


def test_a_failing_tracker_is_said_once_and_stops_nothing(
    mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ConnectionError("not today\nsecond line")

    monkeypatch.setattr("lth.tracking.runs.opened", fails)
    heard: list[Warned] = []
    record_run(tmp_path, header(mode=mode), warn=heard.append)
    assert [one.text for one in heard] == [
        f"{mode} stopped mirroring, the run folder is not affected: ConnectionError: not today"
    ]
    assert len(pd.read_parquet(tmp_path / "levels.parquet")) == 8


def test_a_seed_that_failed_has_a_run_and_one_that_was_stopped_before_its_first_level_has_none(
    mode: Mode, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path / "stack", header(seeds=(0, 1, 2), mode=mode))
    recorder.level(finish_level(tmp_path / "stack", 0, 0))
    recorder.failed(SeedFailed(1, 0, 3, "nan"))
    recorder.close("stopped")
    assert drain() == []
    assert POINTS[mode](tmp_path / "stack", 1)["levels"]
    with pytest.raises(ValueError, match="unpack"):
        POINTS[mode](tmp_path / "stack", 2)


@pytest.mark.parametrize("name", EXTRAS)
def test_what_is_not_installed_is_refused_in_one_line(name: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.settings.tracking._is_installed", lambda _: False)
    with pytest.raises(ConfigurationError, match=rf"^tracking={name}: is not installed; pip install 'lth\[{name}\]'$"):
        check_machine(settings_of(compose([f"tracking={name}"])))


def test_a_folder_is_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no_such_tracker").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not _is_installed("no_such_tracker")
    assert _is_installed("json")


@pytest.mark.parametrize(
    ("name", "said"), [("offline", "off"), ("wandb_online", "off"), *zip(EXTRAS, EXTRAS, strict=True)]
)
def test_wandb_mode_switches_wandb_off_alone(name: Mode, said: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert as_environment_says(settings_of(compose([f"tracking={name}"]))).tracking.mode == said


def test_no_tracker_is_imported_unasked(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from synthetic_run import *\n"
        "record_run(Path(sys.argv[1]), header(mode='off'))\n"
        f"assert not sys.modules.keys() & {{'wandb', 'torch', *{EXTRAS!r}}}\n"
    )
    tests = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((tests, str(Path(tests).parent)))}
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True, env=environment)
