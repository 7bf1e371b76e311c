"""Properties of every criterion in conf/pruning/criterion, and what each keeps."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion, Network
from lth.method.layout import Layout
from lth.method.prune import prune
from lth.method.state import State
from tests.small_jobs import moons_circles

CONF = Path(__file__).parents[2] / "conf"
NAMES = sorted(path.stem for path in (CONF / "pruning/criterion").glob("*.yaml"))


def criterion(name: str) -> Criterion:
    return instantiate(OmegaConf.load(CONF / f"pruning/criterion/{name}.yaml"), _convert_="all")


def candidates(rows: int = 5, hidden: int = 34, level: int = 2) -> Candidates:
    """A stack of masked networks 4-hidden-2 with all that any part of conf/pruning keeps about its seeds."""
    draw = torch.Generator().manual_seed(0)
    layout = Layout((4, hidden, 2))
    index, shape = layout.prunable(biases=False), (rows, layout.size)
    mask = (torch.rand(shape, generator=draw) < 0.7) | ~layout.is_weight(layout.size)
    state = {"anchor": torch.randn(shape, generator=draw), "mask": mask}
    state["weight"] = torch.randn(shape, generator=draw) * mask
    state |= own_state(state["weight"], layout, draw)
    trained, anchor = (state[name][:, index] for name in ("weight", "anchor"))
    network = Network(state, layout, index, moons_circles())
    sizes, seeds = layout.block_sizes(biases=False), tuple(range(10, 10 + rows))
    return Candidates(trained, anchor, mask[:, index], sizes, seeds, level, network)


def own_state(weight: Tensor, layout: Layout, draw: torch.Generator) -> State:
    """What the steps and the effective weights of conf/pruning keep, moved a little from where it begins."""
    found: State = {}
    for group in ("step", "effective"):
        for path in sorted((CONF / f"pruning/{group}").glob("*.yaml")):
            if path.stem == "none":
                continue
            part = instantiate(OmegaConf.load(path), _convert_="all")
            found |= part.begin(weight, layout) if group == "effective" else part.begin(weight)
    return {
        name: value + torch.rand(value.shape, generator=draw, dtype=value.dtype) if value.is_floating_point() else value
        for name, value in found.items()
    }


def test_the_promised_criteria_are_found() -> None:
    promised = {"magnitude", "random", "movement", "magnitude_increase", "large_init", "small_final"}
    assert promised <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_finite_and_shaped(name: str) -> None:
    stack = candidates()
    rule = criterion(name)
    scores = rule.score(stack)
    hidden = sum(stack.whole.layout.widths[1:-1])
    assert scores.shape == ((5, hidden) if rule.neurons else stack.trained.shape)
    assert torch.isfinite(scores).all()
    assert not scores.requires_grad


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hidden", [7, 11, 34])
def test_a_seed_scores_alone_as_in_any_stack(name: str, hidden: int) -> None:
    stack = candidates(hidden=hidden)
    scores = criterion(name).score(stack)
    for rows in ([0], [3], [4, 1, 2]):
        part = replace(
            stack,
            trained=stack.trained[rows],
            anchor=stack.anchor[rows],
            mask=stack.mask[rows],
            seeds=tuple(stack.seeds[row] for row in rows),
            network=replace(stack.whole, state={key: value[rows] for key, value in stack.whole.state.items()}),
        )
        assert torch.equal(criterion(name).score(part), scores[rows])


@pytest.mark.parametrize("name", NAMES)
def test_candidates_stay_as_they_are(name: str) -> None:
    stack, untouched = candidates(), candidates()
    criterion(name).score(stack).add_(1)
    assert torch.equal(stack.trained, untouched.trained)
    assert torch.equal(stack.anchor, untouched.anchor)
    assert torch.equal(stack.mask, untouched.mask)
    for key, value in stack.whole.state.items():
        assert torch.equal(value, untouched.whole.state[key])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("magnitude", [0, 1, 0, 1]),
        ("small_final", [1, 0, 1, 0]),
        ("large_init", [1, 1, 0, 0]),
        ("movement", [1, 0, 0, 1]),
        ("magnitude_increase", [0, 0, 1, 1]),
    ],
)
def test_what_each_keeps_by_hand(name: str, kept: list[int]) -> None:
    trained, anchor = torch.tensor([[0.5, -4.0, 1.0, 3.0]]), torch.tensor([[-5.0, -4.5, 1.0, -0.1]])
    mask = torch.ones(1, 4, dtype=torch.bool)
    scores = criterion(name).score(Candidates(trained, anchor, mask, (4,), (0,), 0))
    assert prune(scores, mask, 2).int().tolist() == [kept]


def test_from_an_anchor_of_zero_movement_and_increase_are_magnitude() -> None:
    stack = candidates()
    stack = replace(stack, anchor=torch.zeros_like(stack.anchor))
    magnitude = criterion("magnitude").score(stack)
    assert torch.equal(criterion("movement").score(stack), magnitude)
    assert torch.equal(criterion("magnitude_increase").score(stack), magnitude)


def test_small_and_large_final_part_an_even_net_in_two() -> None:
    stack = candidates()
    everything = torch.ones_like(stack.mask)
    stack = replace(stack, trained=stack.anchor, mask=everything)
    large, small = (prune(criterion(name).score(stack), everything, 102) for name in ("magnitude", "small_final"))
    assert torch.equal(large, ~small)


def test_lots_are_drawn_anew_for_each_seed_and_level() -> None:
    lots = criterion("random").score(candidates(level=2))
    assert lots.unique().numel() == lots.numel()
    assert lots.dtype == torch.float64, "of millions of float32 lots many would tie"
    assert not torch.isin(criterion("random").score(candidates(level=3)), lots).any()
    assert lots.mean().item() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", ["magnitude", "random"])
def test_presets_compose_their_groups(name: str) -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        pruning = compose(f"pruning/{name}").pruning
        other = compose(f"pruning/{name}", ["pruning/schedule=geometric", "pruning/criterion=movement"]).pruning
    assert (pruning.scope, pruning.biases) == ("global", False)
    assert pruning.criterion == OmegaConf.load(CONF / f"pruning/criterion/{name}.yaml")
    assert pruning.schedule == {"rate": 0.32, "base": 8, "target": None}
    assert pruning.rewind == {"_target_": "lth.method.restart.reset.Reset"}
    assert other.schedule == {"rate": None, "target": None, "levels": None}
    assert other.criterion == {"_target_": "lth.method.criterion.movement.Movement"}
