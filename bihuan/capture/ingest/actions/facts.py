"""Facts of staff actions become events of the source `bihuan`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from bihuan.capture.store import EVENTS, INTERNAL_SOURCE, NOT_KEPT, get_store


@dataclass(frozen=True, kw_only=True)
class FactRecord:
    """A fact as the event store keeps it; `uid` makes it idempotent."""

    uid: str
    name: str
    at: datetime
    actor_name: str
    payload: Mapping[str, Any]


def record_facts(*, facts: Sequence[FactRecord]) -> int:
    """Store these facts, each once however often it is given; returns how many are new."""
    if not facts:
        return 0
    rows = [
        {
            "event_id": fact.uid,
            "source_id": INTERNAL_SOURCE,
            "name": fact.name,
            "ts": fact.at,
            "received_at": fact.at,
            "distinct_id": fact.actor_name,
            "person_id": _number(fact.payload.get("person_id")),
            "account_id": _number(fact.payload.get("account_id")),
            "product_id": _number(fact.payload.get("product_id")),
            "props": json.dumps(dict(fact.payload), ensure_ascii=False, default=str),
            "company": NOT_KEPT if _number(fact.payload.get("account_id")) else None,
        }
        for fact in facts
    ]
    return get_store().append(pa.Table.from_pylist(rows, schema=EVENTS)).stored


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
