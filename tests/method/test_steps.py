"""Properties of every step in conf/pruning/step: what it does to a seed depends on that seed alone."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import Tensor

from lth.method.layout import Layout
from lth.method.state import State
from lth.method.step.step import Step

CONF = Path(__file__).parents[2] / "conf" / "pruning" / "step"
NAMES = sorted(path.stem for path in CONF.glob("*.yaml") if path.stem != "none")
LAYOUT = Layout((4, 6, 5, 2))
SEEDS = (3, 14, 15)
every_step = pytest.mark.parametrize("name", NAMES)


def step(name: str) -> Step:
    return instantiate(OmegaConf.load(CONF / f"{name}.yaml"), _convert_="all")


def drawn(purpose: int, seeds: Sequence[int]) -> Tensor:
    """Rows (R, size), each from its seed."""
    rows = [torch.randn(LAYOUT.size, generator=torch.Generator().manual_seed(100 * purpose + seed)) for seed in seeds]
    return torch.stack(rows)


def trained(part: Step, seeds: Sequence[int]) -> tuple[State, Tensor]:
    """State and last gradient after steps of plain descent, the last two of the 200th and the 201st step."""
    mask = (drawn(1, seeds) < 0.5) | ~LAYOUT.is_weight(LAYOUT.size)
    state = {"weight": drawn(0, seeds) * mask, "mask": mask, "steps": torch.full((len(seeds),), 198)}
    state |= part.begin(state["weight"])
    streams = [torch.Generator().manual_seed(seed) for seed in seeds]
    for turn in range(3):
        gradient, before = drawn(2 + turn, seeds) * mask, state["weight"].clone()
        part.before(state, gradient, LAYOUT, streams)
        state["weight"] -= 0.5 * gradient * mask
        part.after(state, before, LAYOUT)
        state["steps"] += 1
    return state, gradient


@every_step
def test_a_seed_does_not_depend_on_the_others(name: str) -> None:
    together, gradients = trained(step(name), SEEDS)
    for place, seed in enumerate(SEEDS):
        alone, gradient = trained(step(name), (seed,))
        assert torch.equal(gradients[place], gradient[0])
        assert together.keys() == alone.keys()
        for key, value in alone.items():
            assert torch.equal(together[key][place], value[0]), key


@every_step
def test_what_is_its_own_is_shaped_as_rows_are_and_has_no_name_of_others(name: str) -> None:
    weight = drawn(0, SEEDS)
    own = step(name).begin(weight)
    assert not own.keys() & {"weight", "anchor", "mask", "steps"}
    assert all(value.shape in (weight.shape, (len(SEEDS),)) for value in own.values())


def test_a_step_that_does_not_say_whether_it_is_still_is_refused_where_it_is_defined() -> None:
    with pytest.raises(TypeError, match="Silent must say whether it is still"):
        type("Silent", (Step,), {})


@pytest.mark.parametrize("name", [name for name in NAMES if step(name).still])
def test_a_still_step_leaves_what_has_no_gradient_where_it_is(name: str) -> None:
    part = step(name)
    state = {"weight": drawn(0, SEEDS), "mask": torch.ones(3, LAYOUT.size, dtype=torch.bool)}
    state |= {"steps": torch.full((3,), 199), **part.begin(state["weight"])}
    gradient, before = torch.zeros(3, LAYOUT.size), state["weight"].clone()
    part.before(state, gradient, LAYOUT, [torch.Generator().manual_seed(seed) for seed in SEEDS])
    part.after(state, before, LAYOUT)
    assert torch.equal(state["weight"], before)
    assert not gradient.any()
