"""A schedule through several densities, from the key to the keeps, and what is said where there is none."""

from pathlib import Path

import pytest

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.method.schedule import meeting
from lth.settings.errors import ConfigurationError

PRUNABLE = 100  # 4 inputs and 2 outputs around layers of 4 and 14 neurons


def keeps(tmp_path: Path, densities: str, *others: str) -> tuple[int, ...]:
    given = ("pruning/schedule=densities", f"pruning.schedule.densities={densities}", "model.hidden=[4,14]")
    return prepare(compose([*given, *others]), tmp_path).keeps


def test_every_density_is_met_at_some_level_and_the_last_one_at_the_last(tmp_path: Path) -> None:
    found = keeps(tmp_path, "[0.8,0.31,0.1]", "pruning.schedule.rate=0.4")
    assert found == meeting(PRUNABLE, 0.4, [80, 31, 10])
    assert {80, 31, 10} <= {*found}
    assert (found[0], found[-1]) == (PRUNABLE, 10)


def test_one_density_is_one_level_where_the_rate_allows_it(tmp_path: Path) -> None:
    assert keeps(tmp_path, "[0.37]", "pruning.schedule.rate=0.63") == (100, 37)
    assert keeps(tmp_path, "[0.001]", "pruning.schedule.rate=0.99") == (100, 1)  # one is always left


SHARES = "must be a list of falling shares above 0 and below 1, [0.2,0.1]"


@pytest.mark.parametrize(
    ("densities", "allowed"),
    [
        ("[0.1,0.1]", "must fall, but 0.1 comes after 0.1"),
        ("[0.5,0.2,0.3]", "must fall, but 0.3 comes after 0.2"),
        ("[0.205,0.2,0.199]", "0.205 and 0.2 keep equally many parameters: 20 of 100"),
        ("[0.5,0.01,0.001]", "0.01 and 0.001 keep equally many parameters: 1 of 100"),
        ("[0.999,0.1]", "0.999 keeps all 100 parameters, but each density must remove some"),
        *((densities, SHARES) for densities in ("[0,0.1]", "[0.5,0]", "[1,0.5]", "[1.5,0.5]", "[-0.5]", "[]", "0.5")),
    ],
)
def test_densities_that_cannot_be_are_named(tmp_path: Path, densities: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        keeps(tmp_path, densities)
    assert str(error.value) == f"pruning.schedule.densities={densities}: {allowed}"


@pytest.mark.parametrize(
    ("rate", "allowed"),
    [
        ("1e-05", "from 100 to 10 takes more than the 10000 levels allowed; must be higher"),
        ("0.001", "level 1 would keep 100 of 100, but each level must remove some"),
        ("0.0", "must be above 0 and below 1"),
        ("1.0", "must be above 0 and below 1"),
    ],
)
def test_a_rate_that_cannot_be_is_named(tmp_path: Path, rate: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        keeps(tmp_path, "[0.5,0.1]", f"pruning.schedule.rate={rate}")
    assert str(error.value) == f"pruning.schedule.rate={rate}: {allowed}"


def test_more_densities_than_a_schedule_takes_are_refused(tmp_path: Path) -> None:
    listed = f"[{','.join(f'{0.9 - number / 200:.3f}' for number in range(101))}]"
    with pytest.raises(ConfigurationError, match=r"^pruning\.schedule\.densities=.*: must be a list of falling shares"):
        keeps(tmp_path, listed)
