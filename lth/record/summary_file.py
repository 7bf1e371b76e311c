"""summary.json read back: every entry has the type that `Recorder.summary` gives it, or none of it is trusted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lth.files.checked_json import unpack
from lth.files.foreign import content, line
from lth.settings.seeds import LARGEST_SEED
from lth.ticket.outcome import Word

_Count = Annotated[int, Field(ge=0)]
_Text = Annotated[str, AfterValidator(line)]


def _seed(text: str) -> str:
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) > LARGEST_SEED:
        raise ValueError(f"{line(text)[:30]} is no seed")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class _Failure(_Part):
    level: _Count
    epoch: _Count
    reason: _Text


class _Entry(_Part):
    """How one seed ended."""

    state: Literal["running", "finished", "failed", "stopped"]
    outcome: Word | None
    levels: _Count
    first_separation: _Count | None
    first_degradation: _Count | None
    active_weights_at_separation: _Count | None
    failure: _Failure | None


class _Summary(_Part):
    """The keys that readers use."""

    status: Literal["running", "finished", "failed", "stopped"]
    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]  # a part of the names of W&B's folders
    config_hash: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_]{1,64}$")]
    seeds: dict[Annotated[str, AfterValidator(_seed)], _Entry]
    device: _Text
    versions: dict[_Text, _Text | None]
    started: Annotated[str, StringConstraints(pattern=r"^[0-9T:+-]{1,40}$")]
    wall_seconds: Annotated[float, Field(ge=0)]
    keeps: list[_Count] | None = None  # what the schedule asks of every level
    trained_by: _Text | None = None  # earlier versions did not say
    config: dict[str, Any]


def read(path: Path) -> dict[str, Any]:
    """What a run folder's summary says. Raises OSError, and ValueError for one that is no summary, or damaged."""
    found = unpack(content(path))
    try:
        return _Summary.model_validate(found).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"not the summary of a run folder ({line(place)}: {line(first['msg'])})") from None
