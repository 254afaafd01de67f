"""The events of many requests side by side, as the writer's steps see them: one list a column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from bihuan.capture.ingest.rules.clock import micros
from bihuan.capture.ingest.rules.draft import Delivery, Draft
from bihuan.capture.ingest.rules.steps import drop_across
from bihuan.capture.sources.queries import Sender
from bihuan.capture.store import EVENTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """A request's events after the steps: who sent them and when we got them."""

    sender: Sender
    delivery: Delivery
    received_at: datetime
    path: str = "/batch/"


class Group:
    """What one commit stores: drafts, and beside them the columns that the steps fill, as long as the drafts."""

    def __init__(self, batches: Sequence[Arrived]) -> None:
        self.batches = batches
        self.newest = max(batch.received_at for batch in batches)
        self.times: list[int] = []
        self.people: list[int | None] = []
        self.accounts: list[int | None] = []
        self.gather()

    def gather(self) -> None:
        """Take the drafts of the batches as they are now."""
        self.drafts: list[Draft] = list(chain.from_iterable(batch.delivery.drafts for batch in self.batches))

    def drop(self, refused: Mapping[int, tuple[str, str]], *, step: str) -> None:
        """Reject the drafts at these positions, with what was found of them so far."""
        if refused:
            drop_across([batch.delivery for batch in self.batches], dict(refused), step=step)
            self.gather()
            self.times = _without(self.times, refused)
            self.people, self.accounts = _without(self.people, refused), _without(self.accounts, refused)

    def products(self) -> Iterator[tuple[int, slice | list[int]]]:
        """Each product with the positions of its events; a slice of everything when there is only one."""
        ids = {batch.sender.product_id for batch in self.batches}
        if len(ids) == 1:
            yield ids.pop(), slice(None)
            return
        positions: dict[int, list[int]] = {}
        start = 0
        for batch in self.batches:
            end = start + len(batch.delivery.drafts)
            positions.setdefault(batch.sender.product_id, []).extend(range(start, end))
            start = end
        yield from positions.items()

    def table(self) -> pa.Table:
        """The events in the shape of the store."""
        drafts = self.drafts
        sizes = [len(batch.delivery.drafts) for batch in self.batches]
        columns = {
            "event_id": [draft.event_id for draft in drafts],
            "source_id": _each([batch.sender.source_id for batch in self.batches], sizes),
            "name": [draft.name for draft in drafts],
            "ts": self.times,
            "received_at": _each([micros(batch.received_at) for batch in self.batches], sizes),
            "distinct_id": [draft.distinct_id for draft in drafts],
            "person_id": self.people,
            "account_id": self.accounts,
            "product_id": _each([batch.sender.product_id for batch in self.batches], sizes),
            "props": [draft.props for draft in drafts],
            "company": [draft.company for draft in drafts],
        }
        return pa.table([_array(columns[field.name], field.type) for field in EVENTS], schema=EVENTS)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)


def _each(values: Sequence[int], sizes: Sequence[int]) -> Any:
    return np.repeat(np.array(values, np.int64), sizes)


T = TypeVar("T")


def _without(values: list[T], places: Mapping[int, Any]) -> list[T]:
    return [value for place, value in enumerate(values) if place not in places]
