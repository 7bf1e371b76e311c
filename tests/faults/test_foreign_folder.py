"""Folders that somebody sent: nothing that they say is run, nothing outside of them is touched, one line says why."""

import json
import os
import pickle
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

import lth.controls.__main__ as controls
from lth.plan import Plan
from lth.record import checked_json
from lth.run import start
from lth.ticket.__main__ import main as show
from tests.faults.program import Starter

RUN = ("dataset.n_train=60", "dataset.n_val=60", "dataset.n_test=60", "trainer.max_epochs=2", "model.hidden=8",
       "trainer.workers=1", "tracking=off")  # fmt: skip
MINE = """
import os
from pathlib import Path
from lth.data.moons_circles import build as theirs

def build(**given):
    return theirs(**given)
"""
# MARK is a file that is made when the line does what it says, EVIL a YAML file beside it without its suffix.
TASK = (
    ["dataset._target_=pathlib.Path.touch"],
    ["dataset._target_=pandas.read_pickle", "+dataset.filepath_or_buffer=PICKLE"],
    ["dataset={_target_:pandas.read_pickle,filepath_or_buffer:PICKLE}"],
    ["+dataset.extra={_target_:pandas.read_pickle,filepath_or_buffer:PICKLE}"],
    ["+dataset.extra=[{_target_:pandas.read_pickle,filepath_or_buffer:PICKLE}]"],
    ["+dataset._args_=[MARK]"],
    ["dataset._target_=lth.run.os.mkdir", "+dataset.path=MARK"],
    ["dataset._target_=lth.run.os.system", "+dataset.command='touch MARK'"],
    ["dataset._target_=lth.record.atomic.write_atomic", "+dataset.path=MARK", "+dataset.data=x"],
    ["dataset._target_=lth.plan._dataset.__wrapped__", "+dataset.given='{\"_target_\":\"pathlib.Path.touch\"}'"],
    ["dataset._target_=lth.plan.dataset_of"],
    ["dataset._target_=lth.criteria.magnitude.Magnitude"],
    ["optimizer._target_=torch.optim.adam.torch.load", "+optimizer.f=PICKLE"],
    ["optimizer._target_=torch.optim.lr_scheduler.StepLR"],
    ["optimizer._target_=torch.nn.Linear"],
    ["optimizer._target_=torch.optimal.Adam"],
    ["dataset._target_=mine.build"],
    ["dataset._target_=${optimizer._target_}"],
    ["dataset._target_=choice(lth.data.moons_circles.build,pathlib.Path.touch)"],
    ["dataset=../../../../../../../../../../../..EVIL"],
    ["experiment=../../../../../../../../../../../..EVIL"],
    ["+optimizer@hydra.callbacks.mark=adam"],
    ["dataset@model=moons_circles"],
    ["+hydra={callbacks:{mark:{_target_:pathlib.Path.touch,_args_:[MARK]}}}"],
    ["++hydra={job:{env_set:{A:b}}}"],
    ["={model:{hidden:8}}"],
    ["~hydra.run"],
    ["+dataset.data_home=MARK"],
    ["tracking.notes=${oc.env:HOME}"],
    ["tracking.notes='${oc.env:HOME}'"],
    ["tracking.notes=${oc.${model.init}:HOME}"],
    ["tracking.notes=${now:%Y}${oc.decode:x}"],
    ["dataset=${oc.create:{_target_:pathlib.Path.touch}}"],
    ["--experimental-rerun=PICKLE"],
    ["--experimental-rerun", "PICKLE"],
    ["--config-dir=/tmp"],
    ["--config-path", "/tmp"],
    ["-m"],
    ["no override"],
    [3],
    [None],
    [{"a": 1}],
)  # fmt: skip
HYDRA = (
    "+hydra.callbacks.x={_target_:pathlib.Path.touch,_args_:[MARK]}", "hydra/job_logging=default",
    "hydra/hydra_logging=colorlog", "hydra.job_logging={version:1,handlers:{h:{class:logging.FileHandler,filename:MARK}}}",
    "hydra/launcher=submitit_slurm", "hydra/launcher=ray", "hydra.launcher._target_=pathlib.Path.touch",
    "hydra/sweeper=basic", "hydra.sweeper._target_=pathlib.Path.touch", "+hydra.sweeper.params={seed:1}",
    "hydra.sweeper.max_rung={_target_:pathlib.Path.touch}", "hydra.searchpath=[file:///tmp]", "+hydra.job.env_set.LD_PRELOAD=x",
    "hydra.job.env_copy=[HOME]", "hydra.job.chdir=true", "hydra.job.name=x", "hydra.job.config_name=x",
    "hydra.output_subdir=../..", "hydra.output_subdir=null", "hydra.runtime.output_dir=MARK", "hydra.verbose=true",
    "hydra.overrides.task=[dataset._target_=pathlib.Path.touch]", "hydra.help.template=x", "+hydra.new=1",
    "hydra.sweep.subdir=${oc.env:HOME}", "hydra.sweep.subdir=../MARK", "hydra.sweep.subdir=/tmp/MARK",
)  # fmt: skip
SWEEPING = ("hydra.sweep", "hydra.sweeper", "hydra/sweeper", "hydra.launcher", "hydra/launcher", "+hydra.sweeper")


class Mark:
    """Whoever loads the pickle of it makes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.fixture(scope="module")
def trained(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with a run and a sweep."""
    place = tmp_path_factory.mktemp("trained")
    assert starter.run(place, *RUN, "seed=0", "hydra.run.dir=run").ended() == 0
    assert starter.run(place, "-m", *RUN, "seed=0", "hydra.sweep.dir=sweep").ended() == 0
    return place


@pytest.fixture
def place(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the current folder, with what the lines want to reach beside it; nothing is trained."""
    shutil.copytree(trained, tmp_path / "sent")
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Mark(tmp_path / "mark")))
    callback = {"_target_": "pathlib.Path.touch", "_args_": [str(tmp_path / "mark")]}
    evil = {"defaults": ["moons_circles"], "hydra": {"callbacks": {"x": callback}}}
    (tmp_path / "evil.yaml").write_text(f"# @package _global_\n{yaml.safe_dump(evil)}")
    (tmp_path / "mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("lth.run.train", lambda plans: pytest.fail("something was trained"))
    monkeypatch.setattr("lth.work.execute.execute", lambda plans, names=None: pytest.fail("something was trained"))
    monkeypatch.setattr("lth.run.warm_up", lambda: None)
    return tmp_path


def forge(record: Path, task: Sequence = (), hydra: Sequence = (), *, instead: bool = False) -> None:
    """Write overrides into what Hydra recorded, beside those that are there, or instead of them."""
    place = Path.cwd()
    content = yaml.safe_load(record.read_text())
    for part, lines in (("task", task), ("hydra", hydra)):
        before = [] if instead else content["hydra"]["overrides"][part]
        content["hydra"]["overrides"][part] = [*before, *(_placed(line, place) for line in lines)]
    record.write_text(yaml.safe_dump(content))


def _placed(line: object, place: Path) -> object:
    for word, name in (("PICKLE", "evil.pkl"), ("MARK", "mark"), ("EVIL", "evil")):
        line = line.replace(word, f"{place}/{name}") if isinstance(line, str) else line
    return line


def contents(place: Path) -> dict[str, object]:
    """Every file below, links as what they point to."""
    return {str(path.relative_to(place)): os.readlink(path) if path.is_symlink() else path.is_file() and path.read_bytes()
            for path in place.rglob("*") if "__pycache__" not in path.parts}  # fmt: skip


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of this command line, which is refused in one line and changes nothing."""
    place = Path.cwd()
    before = contents(place)
    assert start(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    assert contents(place) == before
    return said.err


@pytest.mark.parametrize(
    ("lines", "sweep"), [(lines, False) for lines in TASK] + [(lines, True) for lines in TASK[::3]]
)
def test_no_recorded_override_runs_anything(
    lines: list[str], sweep: bool, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place / "sent" / ("sweep" if sweep else "run")
    forge(folder / ("multirun.yaml" if sweep else ".hydra/hydra.yaml"), task=lines)
    refused(["--resume", str(folder)], capsys)


@pytest.mark.parametrize("line", HYDRA)
def test_no_recorded_key_of_hydra_is_replayed(line: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forge(place / "sent" / "sweep" / "multirun.yaml", hydra=[line])
    refused(["--resume", "sent/sweep"], capsys)
    if line.startswith(SWEEPING):  # nothing to one stack alone
        return
    forge(place / "sent" / "run" / ".hydra" / "hydra.yaml", hydra=[line])
    said = refused(["--resume", "sent/run"], capsys)
    assert "name it again on this command line" in said


def test_what_the_program_writes_is_replayed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []
    monkeypatch.setattr("lth.work.execute.execute", lambda given, names=None: plans.extend(given) or [0] * len(given))
    monkeypatch.setattr("lth.results.main", lambda arguments: 0)
    names = "hydra.sweep.subdir=${hydra.job.override_dirname}"
    keys = "hydra.job.config.override_dirname.exclude_keys=[seed,tracking]"
    hydra = [names, keys, "hydra.sweeper.max_rung=3", "hydra/launcher=pool", "hydra.run.dir=/tmp/elsewhere"]
    task = [*RUN, "seed=0", "model.depth=1,2", "dataset=glob(moons_circle?)", "tracking.notes='of ${model.hidden}'"]
    forge(place / "sent" / "sweep" / "multirun.yaml", task, hydra, instead=True)
    assert start(["--resume", "sent/sweep"]) == 0
    assert len(plans) == 2
    for plan in plans:
        assert plan.folder.parent == place / "sent" / "sweep"
        assert f"model.depth={plan.settings.model.depth}" in plan.folder.name
        assert plan.settings.tracking.notes == "of 8"


def test_a_dataset_of_one_s_own_is_named_again(
    starter: Starter, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    own = "import sys; sys.path.insert(0, '.')"
    target = "dataset._target_=mine.build"
    first = starter.run(tmp_path, *RUN, target, "seed=0", "hydra.run.dir=run", before=own)
    assert first.ended() == 0, first.err
    alone = starter.run(tmp_path, "--resume", "run", "seed=0..1", before=own)
    assert alone.ended() == 2
    assert alone.err == (
        "dataset._target_=mine.build: builds from outside lth and torch.optim, which is not taken from "
        "run/.hydra/hydra.yaml; if you want it, name it again on this command line\n"
    )
    again = starter.run(tmp_path, "--resume", "run", "seed=0..1", target, before=own)
    assert again.ended() == 0, again.err
    assert again.err == ""
    assert set(json.loads((tmp_path / "run" / "summary.json").read_text())["seeds"]) == {"0", "1"}
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert controls.main(["run", "--workers", "1"]) == 2
    assert controls.main(["run", target, "--workers", "1"]) == 0


@pytest.mark.parametrize("target", ["mine.os.mkdir", "mine.Path", "mine.theirs", "minelike.build", "mine", "os.mkdir"])
def test_a_named_module_gives_what_it_defines_alone(
    target: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(
        place / "sent" / "run" / ".hydra" / "hydra.yaml", [f"regulariser._target_={target}", "+regulariser.path=MARK"]
    )
    said = refused(["--resume", "sent/run", "dataset._target_=mine.build"], capsys)
    assert "regulariser._target_" in said


CONFIGS = {
    "a pickle": {"dataset": {"_target_": "pandas.read_pickle", "filepath_or_buffer": "PICKLE"}},
    "nested": {"dataset": {"extra": {"_target_": "pandas.read_pickle", "filepath_or_buffer": "PICKLE"}}},
    "in a list": {"dataset": {"extra": [{"_target_": "pandas.read_pickle", "filepath_or_buffer": "PICKLE"}]}},
    "arguments": {"dataset": {"_args_": ["MARK"]}},
    "a walk": {"dataset": {"_target_": "lth.run.os.mkdir", "path": "MARK"}},
    "a function of ours": {"dataset": {"_target_": "lth.record.atomic.write_atomic", "path": "MARK", "data": "x"}},
    "one's own": {"dataset": {"_target_": "mine.build"}},
    "another kind": {"optimizer": {"_target_": "lth.criteria.magnitude.Magnitude"}},
    "a list": {"optimizer": {"_target_": ["torch.optim.Adam"]}},
    "a place": {"dataset": {"_target_": "lth.data.openml.build", "data_home": "MARK"}},
}


@pytest.mark.parametrize("name", CONFIGS)
def test_controls_build_nothing_that_a_summary_asks_for(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place / "sent" / "run" / "summary.json"
    summary = json.loads(path.read_text())
    del summary["checksum"]
    for group, keys in CONFIGS[name].items():
        summary["config"][group] |= {
            key: json.loads(str(_placed(json.dumps(value), place))) for key, value in keys.items()
        }
    path.write_bytes(checked_json.pack(summary))
    before = contents(place)
    assert controls.main(["sent/run"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert next(iter(CONFIGS[name])) in said
    assert contents(place) == before


def test_a_summary_without_its_checksum_is_not_read(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place / "sent" / "run" / "summary.json"
    summary = json.loads(path.read_text())
    del summary["checksum"]
    path.write_text(json.dumps(summary))
    assert controls.main(["sent/run"]) == 2
    assert capsys.readouterr().err == f"lth.controls: {Path('sent/run/summary.json')}: without its checksum\n"


def test_hydra_s_flag_that_loads_a_pickle_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in (["--experimental-rerun", "evil.pkl"], ["--experimental-rerun=evil.pkl"], ["--exp=evil.pkl"]):
        assert "pickle" in refused(flag, capsys)


def test_the_same_command_over_a_forged_folder_builds_what_it_says_itself(
    starter: Starter, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    hydra = tmp_path / "run" / ".hydra"
    for name in ("hydra.yaml", "config.yaml", "overrides.yaml"):
        (hydra / name).write_text("dataset: {_target_: os.abort}\nhydra: {callbacks: {x: {_target_: os.abort}}}\n")
    done = starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run")
    assert (done.ended(), done.err) == (0, "")


LINKED = (
    ".hydra", ".hydra/config.yaml", ".hydra/new.yaml", "tickets", ".claim", "wandb", "wandb/offline-run-1-abc-0", "lth.log",
)  # fmt: skip
REPLACED = (
    "summary.json", ".summary.json.tmp", "levels.parquet", ".levels.parquet.tmp", "tickets/seed=0/level=01.safetensors",
    "tickets/seed=1/.level=00.safetensors.tmp", "tickets/seed=0/ticket.png", "tickets/seed=0/.ticket.png.tmp",
    "summary.json.broken", "tickets/seed=0/level=01.safetensors.broken",
)  # fmt: skip


def link(path: Path, victim: Path) -> None:
    """What is there gives way to a link to the victim, which is made like it first: a folder or a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, victim)
        shutil.rmtree(path)
    else:
        victim.write_bytes(path.read_bytes() if path.exists() else b"precious")
        path.unlink(missing_ok=True)
    path.symlink_to(victim)


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("arguments", [["--resume", "sent/run"], [*RUN, "seed=0..1", "hydra.run.dir=sent/run"]])
def test_a_folder_with_a_link_where_others_write_is_refused(
    arguments: list[str], name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link(place / "sent" / "run" / name, place / "victim")
    assert f"{name} in it is a link" in refused(arguments, capsys)
    link(place / "sent" / "sweep" / "0" / name, place / "other")
    assert f"{name} in it is a link" in refused(["--resume", "sent/sweep"], capsys)
    if name != ".hydra/new.yaml":  # the controls write what they write into the folder itself
        assert controls.main(["sent/run"]) == 2


@pytest.mark.parametrize("name", REPLACED)
def test_no_file_is_written_through_a_link(name: str, starter: Starter, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    outside = tmp_path / "outside"
    outside.mkdir()
    if name.endswith(".broken"):
        (tmp_path / "run" / name.removesuffix(".broken")).write_bytes(b"broken")
    link(tmp_path / "run" / name, outside / "victim")
    before = contents(outside)
    done = starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run")
    assert done.ended() == 0, done.err
    assert contents(outside) == before
    written = [path for path in (tmp_path / "run").rglob("*") if path.is_symlink()]
    assert all(path.name.endswith(".broken") for path in written), "what was to be written there was not"


def test_no_file_is_written_through_a_hard_link(starter: Starter, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    names = [name for name in REPLACED if not name.endswith(".broken")]
    for number, name in enumerate(names):
        path = tmp_path / "run" / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(b"precious")
        (tmp_path / f"victim {number}").hardlink_to(path)
    before = {path: path.read_bytes() for path in tmp_path.glob("victim *")}
    (tmp_path / "run" / "summary.json").write_bytes(b"")
    before[tmp_path / "victim 0"] = b""
    done = starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run")
    assert done.ended() == 0, done.err
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("seed", [0, 1])
def test_a_ticket_s_folder_that_is_a_link_is_not_entered(
    seed: int, starter: Starter, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained / "run", tmp_path / "run")
    outside = tmp_path / "outside"
    tickets = tmp_path / "run" / "tickets" / f"seed={seed}"
    if tickets.exists():
        tickets.rename(outside)
    outside.mkdir(exist_ok=True)
    (outside / "level=00.safetensors").write_bytes(b"broken")
    tickets.symlink_to(outside)
    before = contents(outside)
    done = starter.run(tmp_path, *RUN, "seed=0..1", "hydra.run.dir=run")
    assert done.ended() == 1
    assert f"seed={seed} is a link, and nothing is written through links" in done.err
    assert "Traceback" not in done.err
    assert contents(outside) == before


def test_a_sweep_s_stack_that_is_a_link_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "sent" / "sweep" / "0").rename(place / "victim")
    (place / "sent" / "sweep" / "0").symlink_to(place / "victim")
    assert "is a link" in refused(["--resume", "sent/sweep"], capsys)


def test_stacks_lie_in_their_sweep(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("..", "../other", "/tmp/other", "a/../../other"):
        assert "must be a folder inside" in refused(["-m", *RUN, f"hydra.sweep.subdir={name}"], capsys)


def test_the_folder_itself_may_be_a_link(starter: Starter, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "there")
    (tmp_path / "here").symlink_to(tmp_path / "there")
    (tmp_path / "straight").symlink_to(tmp_path / "there" / "run")
    for arguments in (["--resume", "straight", "seed=0..1"], ["--resume", "here/sweep", "seed=0..1"]):
        done = starter.run(tmp_path, *arguments)
        assert (done.ended(), done.err) == (0, "")
    assert (tmp_path / "there" / "run" / "tickets" / "seed=1" / "level=00.safetensors").exists()


def test_an_export_beside_a_ticket_is_not_written_through_a_link(place: Path) -> None:
    ticket = place / "sent" / "run" / "tickets" / "seed=0" / "level=00.safetensors"
    for kind, suffix in (("graphml", ".graphml"), ("state_dict", ".pt")):
        victim = place / f"victim{suffix}"
        link(ticket.with_suffix(suffix), victim)
        assert show(["export", str(ticket), "--to", kind]) == 0
        assert victim.read_bytes() == b"precious"
        assert not ticket.with_suffix(suffix).is_symlink()


def test_controls_are_not_written_through_a_link(place: Path) -> None:
    for name in ("controls.parquet", ".controls.parquet.tmp"):
        link(place / "sent" / "run" / name, place / name)
        assert controls.main(["sent/run", "--workers", "1"]) == 0
        assert (place / name).read_bytes() == b"precious"
