"""The kinds of fields that a configuration has, each with what it allows; and the groups that they stand in."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def whole(least: int, most: int | None = None) -> Any:
    """An integer within these bounds, both included."""
    span = f"of {least} or more" if most is None else f"from {least} to {most}"
    return Field(ge=least, le=most, description=f"must be an integer {span}")


def one_of(*names: str) -> Any:
    """One of these words."""
    return Field(description=f"must be one of {', '.join(names)}")


Positive = Annotated[int, whole(1)]
Share = Annotated[float, Field(gt=0, lt=1, description="must be above 0 and below 1")]
NotNegative = Annotated[float, Field(ge=0, description="must be a number of 0 or more")]
Switch = Annotated[bool, Field(description="must be true or false")]
Text = Annotated[str, Field(min_length=1, description="must be a text")]
Listed = BeforeValidator(_as_tuple)


class Section(BaseModel):
    """A group of keys: no unknown ones, nothing converted silently, nothing infinite."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, ser_json_inf_nan="constants"
    )


class Piece(Section):
    """A group that names what to build by `_target_`; its further keys are that callable's arguments."""

    model_config = ConfigDict(extra="allow")

    target: Text = Field(alias="_target_")
