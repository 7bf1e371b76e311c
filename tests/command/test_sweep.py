"""A sweep on its way to the pool: each job composed once, and handed over as what Hydra would have composed."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from omegaconf import DictConfig, OmegaConf

from lth.command.accept import new_folder
from lth.command.run import start
from lth.command.variants import Variants
from lth.jobs.plan import Plan

SMALL = ["pruning/schedule=geometric", "pruning.schedule.rate=0.5", "pruning.schedule.levels=2", "seed=0..2"]


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that come to the pool; nothing is trained."""
    plans: list[Plan] = []

    def execute(given: Sequence[Plan], names: Sequence[str]) -> list[int]:
        plans.extend(given)
        return [0] * len(given)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.jobs.execute.execute", execute)
    monkeypatch.setattr("lth.results.command.main", lambda _: 0)
    return plans


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The overrides of the jobs that Hydra composes as a whole."""
    asked: list[Sequence[str]] = []
    real = ConfigLoaderImpl.load_sweep_config

    def load(self: ConfigLoaderImpl, master_config: object, sweep_overrides: list[str]) -> object:
        asked.append(sweep_overrides)
        return real(self, master_config, sweep_overrides)  # type: ignore[arg-type]

    monkeypatch.setattr(ConfigLoaderImpl, "load_sweep_config", load)
    return asked


def test_hydra_composes_once_for_all_jobs_of_the_same_groups(handed: list[Plan], asked: list[Sequence[str]]) -> None:
    sizes = ",".join(map(str, range(8, 30)))
    assert start(["-m", *SMALL, f"model.hidden={sizes}", "optimizer=adam,sgd", "hydra.sweep.dir=sweep"]) == 0
    assert len(handed) == 44
    assert len({plan.config_hash for plan in handed}) == 44
    assert [plan.folder for plan in handed] == [(Path("sweep") / str(number)).absolute() for number in range(44)]
    assert asked == [["pruning/schedule=geometric", f"optimizer={name}"] for name in ("adam", "sgd")]
    assert len({id(plan.dataset) for plan in handed}) == len({id(plan.method) for plan in handed}) == 1


def test_batches_have_their_own_jobs(handed: list[Plan]) -> None:
    sizes = "model.hidden=8,9,10,11,12"
    assert start(["-m", *SMALL, sizes, "hydra.sweep.dir=sweep", "hydra.sweeper.max_batch_size=2"]) == 0
    assert [plan.settings.model.hidden for plan in handed] == [8, 9, 10, 11, 12]
    assert [plan.folder.name for plan in handed] == list("01234")


@pytest.mark.parametrize("named", [(), ("hydra.sweep.dir=sweep",)])
def test_jobs_are_what_hydra_composes(
    named: tuple[str, ...], handed: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the folder that the time gives is taken, so that the sweep gets another one."""
    real, records = Variants.lent, []

    def beaten(folder: Path) -> Path:
        folder.mkdir(parents=True)  # by another start, after this one has told its folder
        return new_folder(folder)

    def compared(self: Variants, overrides: Sequence[str]) -> DictConfig:
        config = real(self, overrides)
        expected = self._loader.load_sweep_config(self._sweep, list(overrides))
        assert OmegaConf.to_yaml(config) == OmegaConf.to_yaml(expected)
        return config

    def keep(plans: Sequence[Plan], names: Sequence[str]) -> list[int]:
        handed.extend(plans)
        records.extend(plan.record() for plan in plans)
        return [0] * len(plans)

    monkeypatch.setattr(Variants, "lent", compared)
    monkeypatch.setattr("lth.command.accept.new_folder", beaten)
    monkeypatch.setattr("lth.jobs.execute.execute", keep)
    swept = ["model.hidden=8,[9,8]", "dataset=moons_circles,n_moons", "+optimizer.betas=[.8,.9]"]
    subdir = "hydra.sweep.subdir='h${model.hidden} ${hydra.runtime.choices.dataset} ${hydra.job.num}'"
    assert start(["-m", *SMALL, *swept, *named, subdir]) == 0
    top = handed[0].folder.parent
    assert (top / "multirun.yaml").exists()
    assert top.name == "sweep" or (not named and top.name.endswith("-2"))
    for number, (plan, record) in enumerate(zip(handed, records, strict=True)):
        hidden, shown = (("8", "8"), ("[9,8]", "[9, 8]"))[number // 2]
        assert plan.folder.name == f"h{shown} {('moons_circles', 'n_moons')[number % 2]} {number}"
        assert f"- model.hidden={hidden}" in record[".hydra/overrides.yaml"].decode().splitlines()
        written = OmegaConf.create(record[".hydra/hydra.yaml"].decode()).hydra
        assert (written.job.num, written.runtime.output_dir) == (number, str(plan.folder))
        assert Path(written.sweep.dir).absolute() == top
        assert plan.config["optimizer"]["betas"] == [0.8, 0.9]


STEPS = ["model.hidden=8,9,10", "dataset.noise=0.1,0.2,0.3", "optimizer.lr=0.01,0.02"]


def test_keys_that_go_together_go_through_their_values_in_step(handed: list[Plan]) -> None:
    together = "hydra.sweeper.together=[model.hidden,dataset.noise]"
    assert start(["-m", *SMALL, *STEPS, together, "hydra.sweep.dir=sweep"]) == 0
    cells = [(plan.settings.model.hidden, plan.settings.dataset.noise, plan.settings.optimizer.lr) for plan in handed]
    assert cells == [(h, noise, lr) for h, noise in ((8, 0.1), (9, 0.2), (10, 0.3)) for lr in (0.01, 0.02)]


def test_a_value_that_comes_twice_keeps_its_partners_and_a_single_one_goes_with_all(handed: list[Plan]) -> None:
    twice = ["model.hidden=8,8,9", "dataset.noise=0.1,0.2,0.3", "optimizer.lr=0.01"]
    together = "hydra.sweeper.together=[model.hidden,dataset.noise,optimizer.lr]"
    assert start(["-m", *SMALL, *twice, together, "hydra.sweep.dir=sweep"]) == 0
    cells = [(plan.settings.model.hidden, plan.settings.dataset.noise) for plan in handed]
    assert cells == [(8, 0.1), (8, 0.2), (9, 0.3)]
    assert {plan.settings.optimizer.lr for plan in handed} == {0.01}


@pytest.mark.parametrize(
    ("together", "told"),
    [
        ("[model.hidden,optimizer.lr]", "keys of equally many values, not 3 of model.hidden, 2 of optimizer.lr"),
        ("[model.hidden,dataset.factor]", "keys that are swept, and dataset.factor is not"),
    ],
)
def test_keys_that_cannot_go_together_are_refused_in_a_line(
    together: str, told: str, handed: list[Plan], capfd: pytest.CaptureFixture[str]
) -> None:
    assert start(["-m", *SMALL, *STEPS, f"hydra.sweeper.together={together}", "hydra.sweep.dir=sweep"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.endswith(f"hydra.sweeper.together={together.strip('[]')}: must be {told}")
    assert handed == []
