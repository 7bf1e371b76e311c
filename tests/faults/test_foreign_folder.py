"""Folders that somebody sent: nothing that they say is run, nothing outside of them is touched, one line says why."""

import json
import shutil
from pathlib import Path

import pytest

import lth.controls.__main__ as controls
from lth.command.run import start
from lth.files import checked_json
from lth.jobs.plan import Plan
from tests.faults.foreign import MINE, RUN, contents, forge, placed, refused
from tests.faults.program import Starter

# MARK is a file that is made when the line does what it says, EVIL a YAML file beside it without its suffix.
BARE = [f"~dataset.{key}" for key in ("noise", "factor", "n_train", "n_val", "n_test", "seed", "noise_inputs")]
TASK = (
    [*BARE, "dataset._target_=os.mkdir", "+dataset.path=MARK"],
    [*BARE, "dataset._target_=pathlib.Path.touch", "+dataset._args_=[MARK]"],
    [*BARE, "dataset._target_=pandas.read_pickle", "+dataset.filepath_or_buffer=PICKLE"],
    [*BARE, "+dataset={_target_:pandas.read_pickle,filepath_or_buffer:PICKLE}"],
    ["+dataset.extra={_target_:pandas.read_pickle,filepath_or_buffer:PICKLE}"],
    ["+dataset.extra=[{_target_:pandas.read_pickle,filepath_or_buffer:PICKLE}]"],
    ["+dataset._args_=[MARK]"],
    [*BARE, "dataset._target_=lth.command.run.os.mkdir", "+dataset.path=MARK"],
    [*BARE, "dataset._target_=lth.command.run.os.system", "+dataset.command='touch MARK'"],
    [*BARE, "dataset._target_=lth.files.atomic.write_atomic", "+dataset.path=MARK", "+dataset.data=x"],
    [*BARE, "dataset._target_=lth.jobs.plan._dataset.__wrapped__",
     "+dataset.given='{\"_target_\":\"os.mkdir\",\"path\":\"MARK\"}'"],
    ["dataset._target_=lth.jobs.plan.dataset_of"],
    ["dataset._target_=lth.method.criterion.magnitude.Magnitude"],
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
    ["dataset=arrays", "dataset.arrays=MARK"],
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
    "hydra/hydra_logging=colorlog",
    "hydra.job_logging={version:1,handlers:{h:{class:logging.FileHandler,filename:MARK}}}",
    "hydra/launcher=submitit_slurm", "hydra/launcher=ray", "hydra.launcher._target_=pathlib.Path.touch",
    "hydra/sweeper=basic", "hydra.sweeper._target_=pathlib.Path.touch", "+hydra.sweeper.params={seed:1}",
    "hydra.sweeper.max_rung={_target_:pathlib.Path.touch}", "hydra.searchpath=[file:///tmp]",
    "+hydra.job.env_set.LD_PRELOAD=x",
    "hydra.job.env_copy=[HOME]", "hydra.job.chdir=true", "hydra.job.name=x", "hydra.job.config_name=x",
    "hydra.runtime.output_dir=MARK", "hydra.verbose=true",
    "hydra.overrides.task=[dataset._target_=pathlib.Path.touch]", "hydra.help.template=x", "+hydra.new=1",
    "hydra.sweep.subdir=${oc.env:HOME}", "hydra.sweep.subdir=../MARK", "hydra.sweep.subdir=/tmp/MARK",
)  # fmt: skip
SWEEPING = ("hydra.sweep", "hydra.sweeper", "hydra/sweeper", "hydra.launcher", "hydra/launcher", "+hydra.sweeper")


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
    monkeypatch.setattr("lth.jobs.execute.execute", lambda given, names=None: plans.extend(given) or [0] * len(given))
    monkeypatch.setattr("lth.results.command.main", lambda arguments: 0)
    names = "hydra.sweep.subdir=${hydra.job.override_dirname}"
    keys = "hydra.job.config.override_dirname.exclude_keys=[seed,tracking]"
    hydra = [names, keys, "hydra.sweeper.max_rung=3", "hydra/launcher=pool", "hydra.run.dir=/tmp/elsewhere"]
    hydra += ["hydra.sweep.dir='/tmp/else where'", "hydra.output_subdir=../.."]  # said by where the folder lies
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
    forge(place / "sent" / "run" / ".hydra" / "hydra.yaml", [f"penalty._target_={target}", "+penalty.path=MARK"])
    said = refused(["--resume", "sent/run", "dataset._target_=mine.build"], capsys)
    assert "penalty._target_" in said


CONFIGS = {
    "a pickle": {"dataset": {"_target_": "pandas.read_pickle", "filepath_or_buffer": "PICKLE"}},
    "nested": {"dataset": {"extra": {"_target_": "pandas.read_pickle", "filepath_or_buffer": "PICKLE"}}},
    "in a list": {"dataset": {"extra": [{"_target_": "pandas.read_pickle", "filepath_or_buffer": "PICKLE"}]}},
    "arguments": {"dataset": {"_args_": ["MARK"]}},
    "a walk": {"dataset": {"_target_": "lth.command.run.os.mkdir", "path": "MARK"}},
    "a function of ours": {"dataset": {"_target_": "lth.files.atomic.write_atomic", "path": "MARK", "data": "x"}},
    "one's own": {"dataset": {"_target_": "mine.build"}},
    "another kind": {"optimizer": {"_target_": "lth.method.criterion.magnitude.Magnitude"}},
    "a list": {"optimizer": {"_target_": ["torch.optim.Adam"]}},
    "a place": {"dataset": {"_target_": "lth.data.images.build", "data_home": "MARK"}},
    "a file": {"dataset": {"_target_": "lth.data.stored.build", "arrays": "MARK", "digest": "0"}},
}


@pytest.mark.parametrize("name", CONFIGS)
def test_controls_build_nothing_that_a_summary_asks_for(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place / "sent" / "run" / "summary.json"
    summary = json.loads(path.read_text())
    del summary["checksum"]
    for group, keys in CONFIGS[name].items():
        kept = {} if "_target_" in keys else summary["config"][group]  # a builder takes its own arguments alone
        summary["config"][group] = kept | json.loads(str(placed(json.dumps(keys), place)))
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
