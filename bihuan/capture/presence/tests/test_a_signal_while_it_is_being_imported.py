"""A server that is told to stop stops, whatever its threads are importing at that moment."""

import sys
from types import ModuleType

import pytest

from bihuan.capture import presence

LIVE = "bihuan.capture.presence.api.live"


@pytest.mark.parametrize("there", [None, ModuleType(LIVE)], ids=["not imported yet", "half imported"])
def test_the_end_of_live_streams_imports_nothing(monkeypatch, there) -> None:
    if there is None:
        monkeypatch.delitem(sys.modules, LIVE, raising=False)
    else:
        monkeypatch.setitem(sys.modules, LIVE, there)
    presence.stop()
    assert sys.modules.get(LIVE) is there


def test_streams_that_are_open_are_ended(monkeypatch) -> None:
    from bihuan.capture.presence.api import live

    ended = []
    monkeypatch.setattr(live.hub, "stop", lambda: ended.append(True))
    presence.stop()
    assert ended == [True]
