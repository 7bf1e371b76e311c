"""lth.command.variants: the same configurations as Hydra composes, or the same refusal, whatever is overridden."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hydra import version
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import DictConfig, OmegaConf

from hydra_plugins.lth_launcher._composing import numbered
from lth.command.variants import Variants
from lth.settings.conf import CONF

VALUES = ["model.hidden=8", "model.hidden=[8,10]", "model.hidden='x'", "optimizer.lr=0.5", "optimizer.betas=[.8,.9]",
          "seed=0..9", "seed=${model.hidden}", "tracking.tags=[a,b]", "++tracking.tags=[c]", "tracking.group=${seed}",
          "pictures=false", "ticket.cut_limit=7", "dataset.noise=1e-3"]  # fmt: skip
SHAPES = ["+model.more=1", "++model.more={a:1,b:[x,'y z']}", "+model.more.deep=2", "++model.more.deep=3", "~model.init",
          "~optimizer.weight_decay", "~pictures", "~pictures=true", "~seed", "~model", "+other=3", "+other.one=3",
          "+other={a:${seed}}", "++other.a=4", "+optimizer={eps:1}", "optimizer={lr:2}", "dataset={noise:3}",
          "ticket=${model}", "ticket.hidden=5", "ticket.cut_limit=${oc.env:HOME}", "model=null", "trainer=${ticket}",
          "trainer.cut_limit=3", "model.hidden=${model.depth}", "++ticket={cut_limit:3}"]  # fmt: skip
SHAPES += [
    "optimizer.lr.deep=3",
    "++optimizer.lr.deep=3",
    "++pictures.deep=3",
    "pruning.schedule={rate:0.5}",
    "~pruning.schedule.rate",
    "~pruning.schedule",
    "+pruning.schedule.more=3",
    "tracking.group={a:1}",
]
CHOICES = ["optimizer=sgd", "optimizer=adamw", "penalty=l1", "pruning/schedule=geometric", "~penalty", "+penalty=lp",
           "experiment=zombies", "tracking=off", "dataset=n_moons"]  # fmt: skip
WRONG = ["model.hiden=3", "+seed=3", "~nothing", "optimizer=none_such", "model.hidden=1,2", "model@other=mlp", "seed",
         "hydra.job.name=x", "+hydra.more=1", "penalty.strength=2", "++penalty=l1", "trainer.=3", "a b=3",
         "model.hidden[0]=3", "tracking.tags.0=z", "hydra.sweep.subdir=x", "+hydra={a:1}"]  # fmt: skip
OVERRIDES = st.lists(st.sampled_from([*VALUES, *VALUES, *SHAPES, *CHOICES, *WRONG]), max_size=5)


@pytest.fixture(scope="module")
def hydra() -> Iterator[Hydra]:
    """Hydra, as it runs a sweep."""
    GlobalHydra.instance().clear()
    version.setbase("1.3")
    yield Hydra.create_main_hydra2("lth", create_config_search_path(str(CONF)))
    GlobalHydra.instance().clear()


@pytest.fixture(scope="module")
def sweep(hydra: Hydra) -> DictConfig:
    """What the jobs of a sweep have in common, its folder resolved once for all of them."""
    given = [
        "hydra.sweep.subdir=${hydra.job.override_dirname}",
        "hydra.job.config.override_dirname.exclude_keys=[seed]",
    ]
    config = hydra.compose_config("config", given, RunMode.MULTIRUN, with_log_configuration=False, from_shell=False)
    assert str(config.hydra.sweep.dir).startswith("multirun/")
    return config


@pytest.fixture(scope="module")
def variants(hydra: Hydra, sweep: DictConfig) -> Variants:
    """One for all examples, so that what an earlier one leaves behind would show."""
    return Variants(hydra.config_loader, sweep)


def _nodes(config: DictConfig) -> list[Any]:
    return [config._get_node(key) for key in config]


def told(composed: Callable[[], DictConfig]) -> tuple[object, ...]:
    """Everything about a configuration: its text, what it resolves to, where jobs go; or how it is refused."""
    try:
        config = composed()
    except Exception as error:  # noqa: BLE001  Hydra refuses in many ways
        return type(error), str(error)
    own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    try:
        resolved: object = OmegaConf.to_container(own, resolve=True)
    except Exception as error:  # noqa: BLE001  as above
        resolved = type(error), str(error)
    closed = [OmegaConf.is_struct(node) for node in (config, *_nodes(config)) if OmegaConf.is_config(node)]
    folder = str(config.hydra.sweep.dir), str(config.hydra.sweep.subdir)
    return OmegaConf.to_yaml(config), list(config), resolved, folder, closed


@settings(max_examples=30)
@given(overrides=OVERRIDES)
def test_as_hydra_composes_them(overrides: list[str], hydra: Hydra, sweep: DictConfig, variants: Variants) -> None:
    expected = told(lambda: hydra.config_loader.load_sweep_config(sweep, list(overrides)))
    assert told(lambda: variants.lent(overrides)) == expected


@pytest.mark.parametrize("line", [*VALUES, *SHAPES, *CHOICES, *WRONG])
def test_each_alone(line: str, hydra: Hydra, sweep: DictConfig, variants: Variants) -> None:
    expected = told(lambda: hydra.config_loader.load_sweep_config(sweep, [line]))
    assert told(lambda: variants.lent([line])) == expected
    assert told(lambda: variants.lent([])) == told(lambda: hydra.config_loader.load_sweep_config(sweep, []))


def test_groups_are_composed_once(
    hydra: Hydra, sweep: DictConfig, variants: Variants, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = hydra.config_loader.load_sweep_config
    monkeypatch.setattr(
        hydra.config_loader, "load_sweep_config", lambda *given: asked.append(given) or real(*given), raising=True
    )
    fresh = Variants(hydra.config_loader, sweep)
    for optimizer in ("sgd", "adam"):
        for hidden in range(8, 40):
            config = fresh.lent([f"optimizer={optimizer}", f"model.hidden={hidden}", "~pictures"])
            assert config.model.hidden == hidden
    assert len(asked) == 2


def test_the_number_of_one_job_is_not_another_s(variants: Variants) -> None:
    assert numbered(variants.lent(["model.hidden=9"]), 3).hydra.job.num == 3
    other = variants.lent(["model.hidden=10"])
    assert OmegaConf.is_missing(other.hydra.job, "num")
    assert OmegaConf.is_missing(other.hydra.runtime, "output_dir")


def test_a_changed_sweep_is_seen(hydra: Hydra, sweep: DictConfig, tmp_path: Path) -> None:
    own = sweep.copy()
    variants = Variants(hydra.config_loader, own)
    variants.lent([])
    own.hydra.overrides.hydra.append(f"hydra.sweep.dir={tmp_path}")
    assert variants.lent([]).hydra.sweep.dir == str(tmp_path)
