"""What is refused changes nothing, whatever the flags; what is accepted leaves a record that can be gone on with."""

import json
import shutil
from pathlib import Path

import pytest

from lth.results import table as results
from tests.faults.program import REDUCED, ROOT, Starter, tickets_of

RUN = (*REDUCED, "model.hidden=10", "trainer.max_epochs=3", "seed=0")
OTHER = (*REDUCED, "model.hidden=8", "trainer.max_epochs=3", "seed=0")
SWEEP = ("-m", *OTHER, "hydra.sweep.dir=.", "hydra.sweep.subdir=F")
WAYS = {
    "plain": (*OTHER, "hydra.run.dir=F"),
    "mode": (*OTHER, "hydra.mode=RUN", "hydra.run.dir=F"),
    "new mode": (*OTHER, "++hydra.mode=RUN", "hydra.run.dir=F"),
    "mode in a file": (*OTHER, "--config-dir", "more", "experiment=single", "hydra.run.dir=F"),
    "run": ("--run", *OTHER, "hydra.run.dir=F"),
    "name": ("--config-name", "config", *OTHER, "hydra.run.dir=F"),
    "name behind": (*OTHER, "hydra.run.dir=F", "-cn=config"),
    "another name": ("--config-dir", "more", "--config-name", "own", *OTHER, "hydra.run.dir=F"),
    "path": ("--config-path", str(ROOT / "conf"), *OTHER, "hydra.run.dir=F"),
    "folder": ("--config-dir", "more", *OTHER, "experiment=named"),
    "logs": (*OTHER, "hydra/job_logging=default", "hydra/hydra_logging=default", "hydra.run.dir=F"),
    "changing": (*OTHER, "hydra.job.chdir=true", "hydra.run.dir=F"),
    "another record": (*RUN, "hydra.output_subdir=own", "hydra.run.dir=F"),
    "another record in a file": (*RUN, "--config-dir", "more", "experiment=recorded", "hydra.run.dir=F"),
    "machine": (*RUN, "hydra.mode=RUN", "trainer.accelerator=gpu", "hydra.run.dir=F"),
    "sweep": SWEEP,
    "sweep by mode": (*SWEEP[1:], "hydra.mode=MULTIRUN"),
    "sweep through another launcher": (*SWEEP, "hydra/launcher=basic"),
    "sweep through another sweeper": (*SWEEP, "hydra/sweeper=basic"),
    "sweep through others": (*SWEEP, "hydra/sweeper=basic", "hydra/launcher=basic"),
    "sweep with another record": (*SWEEP[:1], *RUN, *SWEEP[-2:], "hydra.output_subdir=own"),
    "sweep with another record through others": (
        *("-m", *RUN, *SWEEP[-2:], "hydra.output_subdir=own"), "hydra/sweeper=basic", "hydra/launcher=basic",
    ),
    "sweep over it": ("-m", *OTHER, "hydra.sweep.dir=F"),
    "sweep of one stack over it": ("-m", *RUN, "hydra.sweep.dir=F", "hydra.sweep.subdir=."),
    "stored call": ("--experimental-rerun", "F/config.pickle"),
}  # fmt: skip


def everything(folder: Path) -> dict[str, tuple[bytes, int] | None]:
    """All files, byte by byte and with their times, and all folders."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture(scope="module")
def place(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run in F, and configurations of somebody's own in `more`."""
    place = tmp_path_factory.mktemp("refusals")
    assert starter.run(place, *RUN, "hydra.run.dir=F").ended() == 0
    own = place / "more" / "experiment"
    own.mkdir(parents=True)
    (own / "single.yaml").write_text("# @package _global_\nhydra: {mode: RUN}\n")
    (own / "named.yaml").write_text("# @package _global_\nhydra: {run: {dir: F}}\n")
    (own / "recorded.yaml").write_text("# @package _global_\nhydra: {output_subdir: own}\n")
    (place / "more" / "own.yaml").write_text("defaults: [config, _self_]\nmodel: {depth: 2}\n")
    return place


@pytest.mark.parametrize("way", WAYS)
def test_a_refusal_changes_nothing(way: str, starter: Starter, place: Path) -> None:
    before = everything(place)
    program = starter.run(place, *WAYS[way], before="import torch; torch.cuda.is_available = lambda: False")
    assert program.ended() == 2, program.out + program.err
    assert "Traceback" not in program.err
    assert program.err.strip()
    assert everything(place) == before


def test_and_the_folder_can_be_gone_on_with(starter: Starter, place: Path) -> None:
    before = tickets_of(place / "F")
    program = starter.run(place, "--resume", "F")
    assert program.ended() == 0, program.err
    assert tickets_of(place / "F") == before


@pytest.mark.parametrize("flags", [(), ("--config-name", "own", "--config-dir", "more")])
def test_what_is_accepted_says_how_it_was_started(flags: tuple[str, ...], starter: Starter, place: Path) -> None:
    name = f"accepted{len(flags)}"
    assert starter.run(place, *flags, *RUN, f"hydra.run.dir={name}").ended() == 0
    assert {path.name for path in (place / name / ".hydra").iterdir()} == {
        "config.yaml", "hydra.yaml", "overrides.yaml",
    }  # fmt: skip
    assert "model.hidden=10" in (place / name / ".hydra" / "overrides.yaml").read_text()
    assert starter.run(place, "--resume", name).ended() == 0


def test_a_run_does_not_go_into_the_folder_of_a_sweep(starter: Starter, undisturbed: Path, tmp_path: Path) -> None:
    shutil.copytree(undisturbed, tmp_path / "sweep")
    before = everything(tmp_path)
    program = starter.run(tmp_path, *RUN, "hydra.run.dir=sweep")
    assert program.ended() == 2
    assert program.err == "hydra.run.dir=sweep: holds a sweep; must be another folder\n"
    assert everything(tmp_path) == before
    assert len(results.runs(tmp_path / "sweep")) == 6


@pytest.mark.parametrize("launcher", ["pool", "basic"])
def test_a_record_is_kept_whatever_hydra_is_told(launcher: str, starter: Starter, tmp_path: Path) -> None:
    """`hydra.output_subdir=null` is how the program has it: Hydra records nothing, the program itself does."""
    program = starter.run(tmp_path, *RUN, "hydra.output_subdir=null", "hydra.run.dir=run")
    assert program.ended() == 0, program.err
    given = ("-m", *RUN, "hydra.output_subdir=null", "hydra.sweep.dir=sweep", f"hydra/launcher={launcher}")
    assert starter.run(tmp_path, *given).ended() == 0
    assert not list(tmp_path.rglob("None"))
    for folder in ("run", "sweep", "sweep/0"):
        shutil.rmtree(next((tmp_path / folder).rglob("tickets")))
        again = [f"hydra/launcher={launcher}"] if folder == "sweep" else []  # which a folder may not say
        program = starter.run(tmp_path, "--resume", folder, *again)
        assert program.ended() == 0, program.err
        assert len(list((tmp_path / folder).rglob("level=*.safetensors"))) == 2


def test_another_name_of_the_record_is_one_line(starter: Starter, tmp_path: Path) -> None:
    for flags in ((), ("-m",)):
        program = starter.run(tmp_path, *flags, *RUN, "hydra.output_subdir=own")
        assert program.ended() == 2
        assert program.err.startswith("hydra.output_subdir=own: must be null; the record of a run lies in .hydra")
        assert program.err.count("\n") == 1
        assert not list(tmp_path.iterdir())


def test_a_sweep_whose_jobs_are_refused_at_the_last_moment_keeps_its_record(
    starter: Starter, undisturbed: Path, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed, tmp_path / "sweep")
    before = everything(tmp_path)
    late = (
        "import lth.jobs.execute as execute\n"
        "from lth.settings import ConfigurationError\n"
        "def refuse(*_): raise ConfigurationError('hydra.run.dir', 'sweep/3', 'another process records into it')\n"
        "execute.claim_all = refuse\n"
    )
    for name in ("sweep", "new"):
        given = ("-m", *RUN, f"hydra.sweep.dir={name}", "hydra.sweep.subdir=more")
        program = starter.run(tmp_path, *given, before=late)
        assert program.ended() == 2, program.out
        assert program.err.count("\n") == 1
        after = everything(tmp_path)
        assert {path: said and said[0] for path, said in before.items()} == {
            path: said and said[0] for path, said in after.items() if path in before
        }
        assert not (tmp_path / "new" / "multirun.yaml").exists()
    assert json.loads((tmp_path / "sweep" / "0" / "summary.json").read_text())["status"] == "finished"
