"""Which methods pass a density on their way to a lower one exactly as if they ended there, by the same levels."""

from collections.abc import Sequence
from dataclasses import replace

from lth.jobs.plan import Plan
from lth.method.clock.clock import Segment, aimed
from lth.method.method import Method
from lth.settings.trajectory import left


def passes(plan: Plan, densities: Sequence[float]) -> bool:
    """Whether a run through all densities has a level for each, which is what a run that ends there comes to.

    So it is where the segments of every shorter run begin those of the whole one.
    """
    if not {left(plan.keeps[0], density) for density in densities} <= {*plan.keeps}:
        return False  # such a method goes to its goal in steps of its own
    whole = _segments(plan.method, plan.keeps)
    shorter = (_segments(plan.method, plan.keeps[:end]) for end in range(2, len(plan.keeps)))
    return all(whole[: len(found)] == found for found in shorter)


def _segments(method: Method, keeps: Sequence[int]) -> list[Segment]:
    """What a run trains, one after the other; what for is told only where effective weights aim at it."""
    aims = method.effective is not None and method.effective.aims
    found = aimed(method.clock.segments(keeps))
    return [replace(one, goal=(one.goal or one.keep) if aims else None) for one in found]
