"""Rows of the noun `events` → Arrow → the store. An event that is in the store is never stored again."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.base.access import Actor
from bihuan.base.importing import Field, references
from bihuan.capture.imports.actions.rows import Ready
from bihuan.capture.imports.rules import RowProblem, TableReport, Zone
from bihuan.capture.imports.rules.report import Duplicate
from bihuan.capture.sources.actions import get_or_add_import_source
from bihuan.capture.store import EVENTS, Store, get_store
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.know.products.actions import get_or_add_product
from bihuan.know.products.models import Product

EVENT_FIELDS = (
    Field(name="event_id", required=True, help="unique within the source; what makes an import repeatable"),
    Field(name="name", required=True),
    Field(name="ts", kind="datetime", required=True, help="when it happened"),
    Field(name="received_at", kind="datetime", help="when it was known; `ts` unless given"),
    Field(name="person_key"),
    Field(name="account_key", help="without it, the person's membership at `ts` decides"),
    Field(name="product_code", help="the source's product unless given"),
    Field(name="distinct_id", help="`person_key` unless given"),
    Field(name="props", kind="json", help="an object: {columns: [...]}"),
)
PERMISSION = "imports.run"
KNOWN_ROWS = 500_000


class EventsWork:
    """Stores the events of one table; `check` only counts."""

    def __init__(
        self,
        *,
        source: str,
        product: str | None,
        report: TableReport,
        check: bool,
        zone: Zone,
        by: Actor,
        at: datetime,
        compare: bool = True,
    ) -> None:
        """Makes the source (and product) when it is missing; without `compare` every event counts as new."""
        self._report, self._check, self._zone = report, check, zone
        owner = get_or_add_product(name=product or source, by=by, at=at)
        self._source = get_or_add_import_source(code=source, product=owner, by=by, at=at)
        self._store: Store = get_store()
        self._known = (
            known_ids(self._store, source_id=self._source.pk) if compare else pa.array([], pa.string())
        )
        self._lines: dict[str, tuple[str, int]] = {}
        self._accounts: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._products: dict[str, int] = {}
        self.seq = 0

    def store(self, ready: Ready) -> None:
        """Append the rows whose references are known; count the others as rejected."""
        self._look_up(ready.rows)
        kept = [
            n for n in range(len(ready.rows)) if self._referenced(ready, n) and self._first_time(ready, n)
        ]
        rows = [ready.rows[n] for n in kept]
        table = self._arrow(rows)
        fresh = pc.invert(pc.is_in(table["event_id"], value_set=self._known))
        before, table = table.num_rows, table.filter(fresh)
        ids = table["event_id"].combine_chunks()
        if not self._check and table.num_rows:
            digest = hashlib.sha256("\n".join(ids.to_pylist()).encode()).hexdigest()
            self.seq = self._store.append(table, chunk_key=f"import-{self._source.pk}-{digest}").seq
        self._known = pa.concat_arrays([self._known, ids])
        self._report.created += table.num_rows
        self._report.unchanged += before - table.num_rows

    def _look_up(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for cache, name, queryset, column in (
            (self._accounts, "account_key", Account.objects, "key"),
            (self._people, "person_key", Person.objects, "key"),
            (self._products, "product_code", Product.objects, "code"),
        ):
            wanted = {row[name] for row in rows if row.get(name)} - cache.keys()
            if wanted:
                cache.update(references(queryset=queryset, column=column)(wanted))

    def _referenced(self, ready: Ready, n: int) -> bool:
        row = ready.rows[n]
        for name, cache in (
            ("account_key", self._accounts),
            ("person_key", self._people),
            ("product_code", self._products),
        ):
            if row.get(name) and row[name] not in cache:
                self._report.refuse(
                    RowProblem(
                        file=ready.file,
                        line=ready.lines[n],
                        field=name,
                        value=row[name],
                        reason="nothing with this key is stored; import it first",
                    )
                )
                return False
        return True

    def _first_time(self, ready: Ready, n: int) -> bool:
        """Whether this is the first row of this import with its event id."""
        name, line = ready.rows[n]["event_id"], ready.lines[n]
        first = self._lines.setdefault(name, (ready.file, line))
        if first == (ready.file, line):
            return True
        self._report.repeat(
            Duplicate(file=ready.file, line=line, value=name, first_line=first[1], same=False)
        )
        return False

    def _arrow(self, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
        people = [self._people.get(row.get("person_key") or "") for row in rows]
        accounts = [self._accounts.get(row.get("account_key") or "") for row in rows]
        self._by_membership(rows, people, accounts)
        product = self._source.product_id
        return pa.table(
            {
                "event_id": [row["event_id"] for row in rows],
                "source_id": [self._source.pk] * len(rows),
                "name": [row["name"] for row in rows],
                "ts": [row["ts"] for row in rows],
                "received_at": [row.get("received_at") or row["ts"] for row in rows],
                "distinct_id": [row.get("distinct_id") or row.get("person_key") or "" for row in rows],
                "person_id": people,
                "account_id": accounts,
                "product_id": [self._products.get(row.get("product_code") or "", product) for row in rows],
                "props": [msgspec.json.encode(row.get("props") or {}).decode() for row in rows],
                "company": [row.get("account_key") or None for row in rows],
            },
            schema=EVENTS,
        )

    def _by_membership(
        self, rows: Sequence[Mapping[str, Any]], people: Sequence[int | None], accounts: list[int | None]
    ) -> None:
        """An event that names a person and no account belongs to the account they were in on that day."""
        wanted = {
            person for person, account in zip(people, accounts, strict=True) if person and account is None
        }
        if not wanted:
            return
        spells = memberships(wanted)
        for n, person in enumerate(people):
            if person and accounts[n] is None:
                day = rows[n]["ts"].astimezone(self._zone).date()
                accounts[n] = next(
                    (
                        account
                        for start, end, account in spells.get(person, ())
                        if start <= day and (not end or day < end)
                    ),
                    None,
                )


def memberships(people: set[int]) -> dict[int, list[tuple[date, date | None, int]]]:
    """Dated memberships by person, the latest first."""
    found: dict[int, list[tuple[date, date | None, int]]] = {}
    ordered = sorted(people)
    for start in range(0, len(ordered), 900):
        rows = Membership.objects.filter(person_id__in=ordered[start : start + 900]).order_by(
            "-starts_on", "-pk"
        )
        for person, begins, ends, account in rows.values_list(
            "person_id", "starts_on", "ends_on", "account_id"
        ):
            found.setdefault(person, []).append((begins, ends, account))
    return found


def known_ids(store: Store, *, source_id: int) -> pa.Array:
    """Every event id of this source in the log. Needs no index, so it works beside a running server."""
    found: list[pa.Array] = []
    after = 0
    while groups := store.log.read(after=after, max_rows=KNOWN_ROWS):
        for group in groups:
            after = group.seq
            if group.rows:
                table = group.events()
                mine = table.filter(pc.equal(table["source_id"], source_id))["event_id"]
                found += mine.chunks
    return pa.concat_arrays(found) if found else pa.array([], pa.string())
