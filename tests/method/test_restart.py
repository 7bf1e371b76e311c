"""Rewinding: what each rule restarts from, and that nothing is aliased."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import Tensor

from lth.method.layout import Layout
from lth.method.restart.collapse import Collapse
from lth.method.restart.folded import Folded
from lth.method.restart.held_at_zero import HeldAtZero
from lth.method.restart.late import Late
from lth.method.restart.learning_rate import LearningRateRewinding
from lth.method.restart.onward import Onward
from lth.method.restart.permuted import Permuted
from lth.method.restart.reinit import Reinit
from lth.method.restart.reset import Reset
from lth.method.restart.restart import Pruned, Restart
from lth.method.restart.sign_constant import SignConstant
from lth.method.restart.surgeon import Surgeon

FILES = sorted((Path(__file__).parents[2] / "conf/pruning/rewind").glob("*.yaml"))
TRAINED, ANCHOR, FRESH = torch.full((3, 5), 1.0), torch.full((3, 5), 2.0), torch.full((3, 5), 3.0)


def rule(path: Path) -> Restart:
    return instantiate(OmegaConf.load(path), _convert_="all")


def stack(trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Pruned:
    mask = torch.ones(3, 5, dtype=torch.bool)
    before = {"held": anchor, "mask": mask}  # of pruned weights that are held somewhere
    return Pruned(trained, anchor, mask, Layout((4, 1)), (0, 1, 2), 1, fresh, (0.5,), before)


def no_draw() -> Tensor:
    raise AssertionError("this rule must not draw")


def test_all_rules_are_configured() -> None:
    found = {path.stem: type(rule(path)) for path in FILES}
    assert found == {
        "reset": Reset, "late": Late, "learning_rate": LearningRateRewinding,
        "none": Onward, "reinit": Reinit, "sign_constant": SignConstant,
        "rand_signed_constant": SignConstant, "random_reinit": Permuted, "signed_reinit": Permuted,
        "reshuffle": Permuted, "signed_reshuffle": Permuted, "freeze_init_zero_mask": HeldAtZero,
        "freeze_init_zero_all": HeldAtZero, "freeze_init_zero_rev": HeldAtZero,
        "freeze_init_zero_reshuffle": HeldAtZero, "random_reinit_rescaling": Permuted,
        "signed_reinit_rescaling": Permuted, "sign_constant_rescaling": SignConstant,
        "rand_signed_constant_rescaling": SignConstant, "folded": Folded, "surgeon": Surgeon, "collapse": Collapse,
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rules_return_a_copy_and_change_nothing(path: Path) -> None:
    trained, anchor, fresh = TRAINED.clone(), ANCHOR.clone(), FRESH.clone()
    values = rule(path).restart(stack(trained, anchor, lambda: fresh))
    assert values.shape == (3, 5)
    values.add_(7)
    assert torch.equal(trained, TRAINED)
    assert torch.equal(anchor, ANCHOR)
    assert torch.equal(fresh, FRESH)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rules_are_frozen(path: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule(path).step = 3


def test_values_of_each_rule() -> None:
    assert torch.equal(Reset().restart(stack(TRAINED, ANCHOR, no_draw)), ANCHOR)
    assert torch.equal(Late(step=40).restart(stack(TRAINED, ANCHOR, no_draw)), ANCHOR)
    assert torch.equal(Onward().restart(stack(TRAINED, ANCHOR, no_draw)), TRAINED)
    assert torch.equal(Reinit().restart(stack(TRAINED, ANCHOR, FRESH.clone)), FRESH)


def test_steps_of_the_anchor() -> None:
    assert [rewind.step for rewind in (Reset(), Late(step=40), Late(step=0), Onward(), Reinit())] == [0, 40, 0, 0, 0]
    with pytest.raises(ValueError, match="step=-1"):
        Late(step=-1)
