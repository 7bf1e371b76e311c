"""The names that W&B takes: its server refuses others, some of them only when what was recorded offline is sent."""

from typing import Annotated

from pydantic import Field

_SHORT, _LONG = "texts of 1 to 64 characters", "a text of 1 to 128 characters"
_VISIBLE = r"^\P{Cc}*[^\s\p{Cc}]\P{Cc}*$"  # of one line, and not of blanks alone
_IN_ADDRESS = r"^[^\p{Cc}/\\#?%:]*[^\s\p{Cc}/\\#?%:][^\p{Cc}/\\#?%:]*$"
_PLACE = f"must be {_LONG} without /, \\, #, ?, % and :"

_Place = Annotated[str, Field(max_length=128, pattern=_IN_ADDRESS)]
_Name = Annotated[str, Field(max_length=128, pattern=_VISIBLE)]
_Short = Annotated[str, Field(max_length=64, pattern=_VISIBLE)]

Notes = Annotated[
    Annotated[str, Field(pattern=r"(?s)^.*$")] | None,  # any, but what cannot be encoded matches nothing
    Field(description="must be a text, or null"),
]
Place = Annotated[_Place, Field(description=_PLACE)]
PlaceOrNone = Annotated[_Place | None, Field(description=f"{_PLACE}, or null")]
GroupOrNone = Annotated[_Name | None, Field(description=f"must be {_LONG}, or null")]
JobType = Annotated[_Short, Field(description="must be a text of 1 to 64 characters")]
Tags = Annotated[tuple[_Short, ...], Field(description=f"must be a list of {_SHORT}, [a,b]")]
