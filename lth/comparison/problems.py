"""What all methods are compared on, and at which densities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Problem:
    """A dataset and a network, as they are typed; its name in tables and figures; the data seeds that are crossed."""

    name: str
    overrides: tuple[str, ...]
    data_seeds: tuple[int, ...] = (0, 1, 2, 3)

    def reduced(self) -> "Problem":
        """The same, small enough to be tried in a minute: no number of it means anything."""
        return replace(self, overrides=(*self.overrides, "trainer.max_epochs=20"), data_seeds=(0,))


PROBLEMS = (
    Problem("moons and circles, 57", ("dataset=moons_circles", "model.hidden=57")),
    Problem("moons and circles, 154", ("dataset=moons_circles", "model.hidden=154")),
    Problem("digits, 100-100", ("dataset=digits", "model.hidden=[100,100]", "ticket.degrade_on=outputs")),
    Problem("digits side by side", ("dataset=digits_pair", "model.hidden=[300,100]", "ticket.degrade_on=outputs")),
)
DENSITIES = (0.2, 0.1, 0.05, 0.02, 0.01)
REDUCED_DENSITIES = (0.1, 0.02)


def named(names: Sequence[str] | None) -> list[Problem]:
    """The problems whose names begin so; all of them without names. Raises ValueError for one that there is not."""
    for name in names or ():
        if not name or not any(problem.name.startswith(name) for problem in PROBLEMS):
            raise ValueError(f"no problem {name}; there are: {'; '.join(one.name for one in PROBLEMS)}")
    return [problem for problem in PROBLEMS if not names or any(problem.name.startswith(name) for name in names)]
