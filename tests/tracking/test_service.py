"""W&B's own process, ended while runs are open."""

import logging
import sys
from types import SimpleNamespace

import pytest

from lth.tracking import service


def test_what_its_end_makes_asyncio_say_is_not_heard_and_the_rest_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(teardown=lambda: None))
    speaker = logging.getLogger("asyncio")
    monkeypatch.setattr(speaker, "filters", [])
    speaker.warning("socket.send() raised exception.")
    service.end_service()
    speaker.warning("socket.send() raised exception.")
    speaker.warning("a loop was never closed")
    assert caplog.messages == ["socket.send() raised exception.", "a loop was never closed"]
