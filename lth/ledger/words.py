"""The words of a verdict."""

from typing import Literal

Verdict = Literal["supported", "contradicted", "not distinguishable", "open", "by definition"]
