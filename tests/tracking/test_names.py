"""What goes to W&B is refused before training where W&B would refuse it, and off where the environment says so."""

import os
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wandb
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import lth.tracking.tracker
from lth.command.compose import compose
from lth.command.run import start
from lth.files import checked_json
from lth.jobs.plan import settings_of
from lth.settings import ConfigurationError, read
from lth.tracking.runs import run_name
from tests.in_this_process import InThisProcess
from tests.offline_wandb import run_file, run_record

SMALL = ["dataset.n_train=60", "dataset.n_val=60", "dataset.n_test=60", "trainer.max_epochs=2", "model.hidden=8",
         "trainer.workers=1"]  # fmt: skip
BAD = {
    f"tracking.tags=[{'x' * 65}]": ("tracking.tags", "1 to 64 characters"),
    f"tracking.tags=[fine,'{'é' * 65}']": ("tracking.tags", "1 to 64 characters"),
    "tracking.tags=['']": ("tracking.tags", "1 to 64 characters"),
    "tracking.tags=[' ']": ("tracking.tags", "1 to 64 characters"),
    "tracking.tags=small": ("tracking.tags", "a list"),
    "tracking.project=a/b": ("tracking.project", "without /, \\, #, ?, % and :"),
    "tracking.project='a\\\\b'": ("tracking.project", "without /, \\, #, ?, % and :"),
    "tracking.project='a#b'": ("tracking.project", "without /, \\, #, ?, % and :"),
    "tracking.project='a?b'": ("tracking.project", "without /, \\, #, ?, % and :"),
    "tracking.project='50%'": ("tracking.project", "without /, \\, #, ?, % and :"),
    "tracking.project='a:b'": ("tracking.project", "without /, \\, #, ?, % and :"),
    f"tracking.project={'x' * 129}": ("tracking.project", "1 to 128 characters"),
    "tracking.project=''": ("tracking.project", "1 to 128 characters"),
    "tracking.project=null": ("tracking.project", "1 to 128 characters"),
    "tracking.project='a\nb'": ("tracking.project", "1 to 128 characters"),
    "tracking.entity=a/b": ("tracking.entity", "without /, \\, #, ?, % and :"),
    "tracking.entity=''": ("tracking.entity", "or null"),
    f"tracking.group={'x' * 129}": ("tracking.group", "1 to 128 characters"),
    "tracking.group=' '": ("tracking.group", "1 to 128 characters"),
    f"tracking.job_type={'x' * 65}": ("tracking.job_type", "1 to 64 characters"),
    "tracking.job_type=''": ("tracking.job_type", "1 to 64 characters"),
}  # fmt: skip
ENVIRONMENT = {
    "WANDB_MODE": "maybe", "WANDB_PROJECT": "a/b", "WANDB_TAGS": "x" * 70, "WANDB_BASE_URL": "nonsense",
    "WANDB_SILENT": "maybe",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder of its own, no account, nothing of W&B in the environment, and no other process."""
    for name in [*os.environ]:
        if name.startswith("WANDB_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("lth.jobs.execution.Pool", InThisProcess)
    yield
    lth.tracking.tracker._said.clear()


@pytest.mark.parametrize("given_", BAD)
@pytest.mark.parametrize("flags", [[], ["-m"]])
def test_an_illegal_name_is_refused_before_training(
    flags: list[str], given_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, allowed = BAD[given_]
    assert start([*flags, *SMALL, given_]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert said.startswith(f"{key}=")
    assert allowed in said
    assert not list(tmp_path.iterdir())


TEXTS = st.text(min_size=0, max_size=140) | st.text(string.ascii_letters + "/\\#?%: -_é", max_size=140)


@pytest.fixture(scope="module")
def config() -> Any:
    from lth.settings import plain

    return plain(settings_of(compose([])))


def refusal(given_: Any) -> ConfigurationError | None:
    """What is wrong with a plain configuration."""
    try:
        read(given_)
    except ConfigurationError as error:
        return error
    return None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["project", "entity", "group", "job_type", "tags", "notes"]), TEXTS)
@example("tags", "x" * 64)
@example("project", "x" * 128)
@example("job_type", "x" * 64)
@example("group", "x" * 128)
@example("notes", "a\udc80b")
@example("tags", "a\udc80b")
def test_what_is_accepted_is_fine_for_wandb(config: Any, key: str, text: str) -> None:
    theirs = {"project": "project", "entity": "entity", "group": "run_group", "job_type": "run_job_type",
              "tags": "run_tags", "notes": "run_notes"}  # fmt: skip
    said = [text] if key == "tags" else text
    refused = refusal({**config, "tracking": {**config["tracking"], key: said}})
    if refused is None:
        changed: dict[str, Any] = {theirs[key]: said}
        wandb.Settings(**changed)
        text.encode()
    else:
        assert refused.key == f"tracking.{key}"
        assert "\n" not in str(refused)
        assert text.strip() == "" or len(text) > 64 or not text.isprintable() or set(text) & set("/\\#?%:")


@given(st.text(min_size=1, max_size=255), st.integers(0, 2**63 - 1))
def test_the_name_of_a_run_is_short_enough_and_tells_its_seed(folder: str, seed: int) -> None:
    name = run_name(folder, seed)
    assert len(name) <= 128
    assert name.endswith(f" seed={seed}")
    assert len(folder) > 100 or name == f"{folder} seed={seed}"


def test_a_long_folder_is_recorded(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 60)
    assert start([*SMALL, "pruning/schedule=geometric", "pruning.schedule.rate=0.5", "pruning.schedule.levels=1",
                  f"tracking.group={'g' * 128}", f"hydra.run.dir={folder}"]) == 0  # fmt: skip
    run = run_record(run_file(folder, 0))
    assert len(run.display_name) == 128
    assert run.run_group == "g" * 128


RUN = [*SMALL, "pruning/schedule=geometric", "pruning.schedule.rate=0.5", "pruning.schedule.levels=1",
       "hydra.run.dir=run"]  # fmt: skip


@pytest.mark.parametrize("mode", ["offline", "wandb_online"])
def test_disabled_in_the_environment_is_off(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert start([*RUN, f"tracking={mode}"]) == 0
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "run" / "wandb").exists()
    summary = checked_json.unpack((tmp_path / "run" / "summary.json").read_bytes())
    assert summary["config"]["tracking"]["mode"] == "off"
    monkeypatch.delenv("WANDB_MODE")
    assert start([*RUN, "tracking=offline"]) == 0
    assert run_file(tmp_path / "run", 0).exists(), "what was off is not mirrored afterwards"


@pytest.mark.parametrize("word", ["offline", "dryrun"])
def test_offline_in_the_environment_sends_nothing(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No account is needed then, and none is asked for."""
    monkeypatch.setenv("WANDB_MODE", word)
    assert start([*RUN, "tracking=wandb_online"]) == 0
    assert run_file(tmp_path / "run", 0).exists()


@pytest.mark.parametrize("word", ["online", "run", "shared"])
def test_the_environment_sends_nothing_that_is_to_stay(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", word)
    assert start([*RUN, "tracking=off"]) == 0
    assert not (tmp_path / "run" / "wandb").exists()
    assert start([*RUN, "tracking=offline"]) == 0
    assert run_file(tmp_path / "run", 0).exists()


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_an_environment_that_wandb_refuses_is_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, ENVIRONMENT[name])
    for flags in ([], ["-m"]):
        assert start([*flags, *SMALL]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1, said
        assert said.startswith(f"{name}={ENVIRONMENT[name][:50]}")
    assert not list(tmp_path.iterdir())
    assert start([*RUN, "tracking=off"]) == 0, "what is not used is nobody's concern"


def test_a_key_is_not_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WANDB_API_KEY", " secret ")
    assert start(SMALL) == 2
    said = capsys.readouterr().err
    assert said.startswith("WANDB_API_KEY=")
    assert "secret" not in said
