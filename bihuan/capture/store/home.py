"""The store of this installation."""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path

from django.conf import settings

from bihuan.capture.store.store import Store

_lock = threading.RLock()
_store: Store | None = None


def get_store() -> Store:
    """The one store of this process, in BIHUAN_HOME; its index is opened when it is first asked."""
    global _store
    with _lock:
        if _store is None or _store.closed:
            _store = Store(_home(), zone=_zone(), url=_url())
        return _store


def close_store() -> None:
    """Stop applying and free the index for others; the next `get_store` opens it again."""
    global _store
    with _lock:
        if _store is not None:
            _store.close()
            _store = None


def _home() -> Path:
    if settings.configured and hasattr(settings, "BIHUAN_HOME"):
        return Path(settings.BIHUAN_HOME)
    return Path(os.environ.get("BIHUAN_HOME", ".bihuan"))


def _url() -> str:
    return os.environ.get("EVENTS_URL", "")


def _zone() -> str:
    return settings.TIME_ZONE if settings.configured else os.environ.get("BIHUAN_TIME_ZONE", "Asia/Shanghai")


atexit.register(close_store)
