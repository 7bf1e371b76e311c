"""lth.settings.resolving: what OmegaConf gives, whatever stands in a configuration; Hydra's part is out of reach."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from lth.settings import ConfigurationError
from lth.settings.resolving import resolved

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False),
    st.sampled_from(["", "text", "${a}", "x ${b} y", "\\${no}", "$", "${", "${oc.env:HOME}", "${c.d}", "${nothing}"]),
)  # fmt: skip
NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)


@given(given=st.dictionaries(NAMES, VALUES, max_size=4))
def test_as_omegaconf_resolves_it(given: dict[str, Any]) -> None:
    try:
        config = OmegaConf.create({**given, "hydra": {"job": 1}})
        own = OmegaConf.create(given)
    except Exception:  # noqa: BLE001  what is no configuration at all
        return
    try:
        expected = OmegaConf.to_container(own, resolve=True, throw_on_missing=True)
    except Exception as error:  # noqa: BLE001  interpolations fail in many ways
        expected = error
    if isinstance(expected, Exception):
        with pytest.raises(ConfigurationError):
            resolved(config)
    else:
        assert resolved(config) == expected


@pytest.mark.parametrize("value", ["${hydra.job}", "???", "${.more}"])
def test_what_cannot_be_is_one_line(value: str) -> None:
    config = OmegaConf.create({"a": {"b": "${c}"}, "c": value, "hydra": {"job": 1}})
    with pytest.raises(ConfigurationError) as told:
        resolved(config)
    assert str(told.value).startswith(("c=", "a.b="))
