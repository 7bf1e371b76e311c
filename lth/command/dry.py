"""`--dry-run`: all is checked and told, nothing is trained and nothing written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

FLAG = "--dry-run"
_DRY: ContextVar[bool] = ContextVar("dry", default=False)


def is_dry() -> bool:
    """Whether this start only tells."""
    return _DRY.get()


@contextmanager
def dry(asked: bool) -> Iterator[None]:
    """Within it starts only tell, where that is asked for."""
    token = _DRY.set(asked)
    try:
        yield
    finally:
        _DRY.reset(token)
