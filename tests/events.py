"""Product events for tests: a short way to put what customers did into the store."""

import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pyarrow as pa

from bihuan.capture.store import EVENTS, get_store

_numbers = count(1)


def happened(
    name: str, *, ts: datetime, account: Any = None, person: Any = None, **more: Any
) -> dict[str, Any]:
    """An event of a person of an account, known a second later unless `received_at` says otherwise."""
    return {
        "event_id": f"t{next(_numbers)}", "source_id": 1, "name": name, "ts": ts,
        "received_at": ts + timedelta(seconds=1), "distinct_id": "someone",
        "person_id": getattr(person, "pk", person), "account_id": getattr(account, "pk", account), "product_id": None,
    } | more | {"props": json.dumps(more.get("props", {}))}  # fmt: skip


def store_events(*rows: dict[str, Any]) -> None:
    """Store them and wait until they can be asked for."""
    store = get_store()
    appended = store.append(pa.Table.from_pylist(list(rows), schema=EVENTS))
    assert store.wait_applied(appended.seq)
