"""Seeds that the kernel trains one after another, whole epochs at a call: the way of every plain method."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from lth.method.state import State
from lth.stack.kernel.binding import BEST, CAPTURED, MOMENTS, VALUES, Course, Options, Run, Samples
from lth.stack.optimizers import moments_of
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.state import OPTIMIZER, put
from lth.stack.training import VISIT_SECONDS, Training


class Alone(Training):
    """Each seed for itself, exactly as if there were no other."""

    def __init__(
        self, samples: Samples, recipe: Recipe, options: Options, state: State, members: Sequence[Member], still: bool
    ) -> None:
        self.members = list(members)
        self._samples, self._recipe, self._state = samples, recipe, state
        self._options, self._still = options, still
        self._run: Run | None = None

    def visit(self) -> list[Finished]:
        """Train the first seed for a while."""
        if not self.members:
            return []
        member = self.members[0]
        self._run = self._run or start(self._samples, self._recipe, self._options, self._state, member, self._still)
        if not self._run.advance(VISIT_SECONDS):
            return []
        finished = self._finish(member, self._run)
        self._run = None
        del self.members[0]
        return [finished]

    def epochs(self) -> int:
        """See Training."""
        return 0 if self._run is None else len(self._run.measured())

    def losses(self) -> list[float]:
        """See Training; that of the seed in hand."""
        measured = np.empty((0, 3, 1)) if self._run is None else self._run.measured()
        return [float(measured[-1, 1].mean())] if len(measured) else []

    def _finish(self, member: Member, run: Run) -> Finished:
        recipe, place = self._recipe, member.place
        captures = recipe.anchor_step > 0 and member.level == 0
        finished = Finished.of(place, run.measured(), recipe.restore_best)
        run.write(VALUES if finished.best == len(finished.measured) else BEST, self._state["weight"][place].numpy())
        if captures:
            run.write(CAPTURED, self._state["anchor"][place].numpy())
        if "steps" in self._state:
            self._state["steps"][place] += run.steps
        if recipe.carried:
            for number, name in enumerate(moments_of(self._options)):
                moment = torch.zeros_like(self._state["weight"][place])
                run.write(MOMENTS + number, moment.numpy())
                put(self._state, place, OPTIMIZER + name, moment)
            put(self._state, place, f"{OPTIMIZER}step", torch.tensor(run.optimizer_steps))
        return finished


def start(samples: Samples, recipe: Recipe, options: Options, state: State, member: Member, still: bool) -> Run:
    """The run of this seed through its segment, from the state as it is."""
    rows = {name: tensor[member.place] for name, tensor in state.items()}
    steps = rows.get(f"{OPTIMIZER}step")
    course = course_of(recipe, options, member, 0 if steps is None else int(steps), still)
    course = replace(course, factors=recipe.factors(member, int(rows.get("steps", 0))))
    run = Run(samples, recipe.layout.widths, rows["mask"].numpy(), rows["weight"].numpy(), course)
    for number, name in enumerate(moments_of(options)):
        if (moment := rows.get(OPTIMIZER + name)) is not None:
            run.read(MOMENTS + number, moment.numpy())
    return run


def course_of(recipe: Recipe, options: Options, member: Member, steps: int, still: bool) -> Course:
    """How the kernel trains this seed through its segment."""
    dense, rule = member.level == 0, recipe.stopping_of(member)
    return Course(
        options, member.stream("batches").initial_seed(),
        rule.patience, rule.max_epochs, rule.loss_cutoff, steps=steps,
        captured_step=recipe.anchor_step if dense else 0, skipped_steps=recipe.anchor_step if member.skips else 0,
        restore_best=recipe.restore_best, leave_silent_out=still,
    )  # fmt: skip
