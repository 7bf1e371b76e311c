"""The criteria of Zhou et al. (2019): their formulas, and what they keep among equals."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from lth.method.criterion.both import Both
from lth.method.criterion.criterion import Candidates
from lth.method.criterion.large_init import LargeInit
from lth.method.criterion.magnitude import Magnitude
from lth.method.criterion.magnitude_increase import MagnitudeIncrease
from lth.method.criterion.ranks import ranks
from lth.method.criterion.signs import Signs
from lth.method.criterion.small_final import SmallFinal
from lth.method.criterion.small_init import SmallInit
from lth.method.prune import prune
from tests.method.test_criteria import candidates


def kept(rule: object, stack: Candidates, keep: int) -> Tensor:
    return prune(rule.score(stack), stack.mask, keep)  # type: ignore[attr-defined]


def whole() -> Candidates:
    stack = candidates()
    return replace(stack, trained=torch.randn(stack.anchor.shape), mask=torch.ones_like(stack.mask))


def test_small_and_large_init_part_an_even_net_in_two() -> None:
    stack = whole()
    half = stack.mask.shape[1] // 2
    assert torch.equal(kept(LargeInit(), stack, half), ~kept(SmallInit(), stack, half))


@pytest.mark.parametrize("which", ["large", "small"])
@pytest.mark.parametrize("keep", [1, 20, 60, 130])
def test_both_keeps_what_two_masks_of_one_size_have_in_common(which: str, keep: int) -> None:
    """As the paper's code finds it, by bisection of the common share."""
    stack = candidates()
    final, init = (Magnitude(), LargeInit()) if which == "large" else (SmallFinal(), SmallInit())
    found = kept(Both(which), stack, keep)  # type: ignore[arg-type]
    for row, mask in enumerate(found):
        one = replace(stack, trained=stack.trained[[row]], anchor=stack.anchor[[row]], mask=stack.mask[[row]])
        common = [kept(final, one, n) & kept(init, one, n) for n in range(keep, int(one.mask.sum()) + 1)]
        enough = next(mask[0] for mask in common if mask.sum() >= keep)
        assert not (mask & ~enough).any()
        assert enough.sum() - keep <= 1, "two orders give one weight, or two, at a time"


def test_both_is_either_when_nothing_moved() -> None:
    stack = replace(whole())
    stack = replace(stack, trained=stack.anchor * 3)
    assert torch.equal(kept(Both(), stack, 40), kept(Magnitude(), stack, 40))
    assert torch.equal(kept(Both("small"), stack, 40), kept(SmallInit(), stack, 40))


@pytest.mark.parametrize("by", ["magnitude", "increase"])
@pytest.mark.parametrize("sign", ["same", "different"])
def test_the_highest_scores_of_the_sign_are_kept(by: str, sign: str) -> None:
    stack = candidates()
    fits = (stack.trained.sign() == stack.anchor.sign()) == (sign == "same")
    plain = (Magnitude() if by == "magnitude" else MagnitudeIncrease()).score(stack)
    above = int((fits & stack.mask & (plain > 0)).sum(dim=1).min())
    found = kept(Signs(by, sign), stack, above)  # type: ignore[arg-type]
    assert fits[found].all()
    assert torch.equal(found, prune(torch.where(fits, plain, -torch.inf), stack.mask, above))


def test_where_all_signs_fit_it_is_the_plain_rule() -> None:
    stack = whole()
    stack = replace(stack, trained=stack.trained.abs() * stack.anchor.sign())
    assert torch.equal(kept(Signs("magnitude", "same"), stack, 50), kept(Magnitude(), stack, 50))
    assert torch.equal(kept(Signs("increase", "same"), stack, 50), kept(MagnitudeIncrease(), stack, 50))


def test_equal_scores_go_by_lot() -> None:
    """Not by position, which would empty the first layer first."""
    stack = whole()
    stack = replace(stack, trained=stack.trained.abs() * -stack.anchor.sign())
    half = stack.mask.shape[1] // 2
    found = kept(Signs(), stack, half)
    share = found[:, :half].double().mean()
    assert 0.4 < share < 0.6
    assert not torch.equal(found[0], found[1]), "seeds draw the same lots"
    assert not torch.equal(found, kept(Signs(), replace(stack, level=stack.level + 1), half))


def test_ranks_are_places_among_the_unpruned() -> None:
    values = torch.tensor([[3.0, -1.0, 3.0, 0.0, 9.0]])
    mask = torch.tensor([[True, True, True, False, True]])
    assert ranks(values, mask).tolist() == [[1.0, 0.0, 2.0, -1.0, 3.0]]


@pytest.mark.parametrize(
    ("rule", "wrong"), [(Both, {"which": "large_init"}), (Signs, {"by": "movement"}), (Signs, {"sign": "other"})]
)
def test_what_cannot_be_is_refused(rule: type, wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        rule(**wrong)
