"""One way for every question about events: read, plan, compile once, execute, shape."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.capture.sources.queries import source_names
from bihuan.capture.store import (
    INTERNAL_SOURCE,
    CannotCompute,
    StoreError,
    Watch,
    current_watch,
    events_table,
    get_store,
)
from bihuan.know.accounts.models import Account, Person
from bihuan.know.products.models import Product
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.fields import schema_of
from bihuan.understand.engine.kinds import EventKind
from bihuan.understand.engine.scope import NONE, Selector, trait_of
from bihuan.understand.explore.kept import digest, rows_of_events
from bihuan.understand.explore.reach import only_visible, reach_of, segment_lines, traits_of
from bihuan.understand.explore.registry import Kind, register_kind

_TRAITS = "traits"


def register_event_kind(kind: EventKind) -> None:
    """Make it askable."""
    register_kind(Kind(
        name=kind.name, permission="explore.view", answer=partial(answer_events, kind), example=kind.example,
        fields=kind.fields, schema=schema_of(kind.name, kind.fields, required=kind.required),
    ))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What stands beside the events of a question: who counts (`reach`, by column) and what is known of them (`trait`)."""

    reach: Mapping[str, pa.Table]
    trait: tuple[str, str] | None
    tables: Mapping[str, pa.Table]

    def plans(self, kind: EventKind, asked: Any) -> Mapping[str, ir.Table]:
        """The plans of a question, which name these tables."""
        return kind.plans(
            asked, events=events_table(), internal_source=INTERNAL_SOURCE, reach=_reach_tables(self.reach),
            traits=self.traits(),
        )  # fmt: skip

    def traits(self) -> ir.Table | None:
        """What plans know of what is known."""
        columns = {f"{self.trait[0]}_id": "int64", "value": "string"} if self.trait else None
        return ibis.table(columns, name=_TRAITS) if columns else None


@dataclass(frozen=True, kw_only=True)
class Found:
    """The rows of each plan of a question, its SQL, and whether they were computed before."""

    rows: Mapping[str, pa.Table]
    sql: str
    kept: bool = False


def answer_events(
    kind: EventKind,
    *,
    question: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    asking: Callable[[EventKind, Any, Beside], Found] | None = None,
) -> Answer:
    """The answer within the actor's territory; `asking` gets the rows from elsewhere than the store."""
    today = timezone.localdate(at)
    asked = kind.read(question, today=today)
    day = min(asked.scope.last, today)
    reach = reach_of(actor=actor, segment=asked.scope.segment, day=day)
    trait = trait_of(getattr(asked, "by", None))
    tables = {f"reach_{column}": table for column, table in reach.items()}
    if trait is not None:
        tables[_TRAITS] = traits_of(trait)
    if more := getattr(asked, "beside", None):
        tables |= more(zone=settings.TIME_ZONE)
    found = (asking or ask_store)(kind, asked, Beside(reach=reach, trait=trait, tables=tables))
    answer = kind.shape(asked, found=found.rows, zone=settings.TIME_ZONE, today=today, names=names_of)
    if getattr(asked, "listed", None) is not None:
        answer = only_visible(answer, actor=actor)
    notes = unseen(asked) if asking is None else ()
    said = (*answer.definition, *segment_lines(actor=actor, segment=asked.scope.segment, day=day))
    return replace(
        answer,
        definition=said,
        notes=notes,
        sql=found.sql,
        kept=found.kept,
        as_of=timezone.localtime(at).isoformat(),
    )


def event_names() -> list[str]:
    """The names of all events that have arrived, in order; none while the store cannot be asked."""
    try:
        return sorted(row["name"] for row in get_store().execute("SELECT name FROM names").to_pylist())
    except StoreError:
        return []


def unseen(asked: Any) -> tuple[str, ...]:
    """A warning for each event of a question that has never arrived, with names near it; none before anything arrived."""
    wanted = dict.fromkeys(name for selector in selectors_in(asked) for name in selector.events)
    known = event_names() if wanted else []
    if not known:
        return ()
    seen = set(known)
    return tuple(_never_seen(name, known) for name in wanted if name not in seen)


def _never_seen(name: str, known: list[str]) -> str:
    plain = {one.lower(): one for one in known}
    near = [plain[one] for one in get_close_matches(name.lower(), list(plain), n=3, cutoff=0.55)]
    text = f"no event {name!r} has ever arrived"
    return f"{text}; near it: {', '.join(near)}" if near else text


def selectors_in(asked: Any) -> Iterator[Selector]:
    """Every selector of events of a read question, wherever it stands in it."""
    if isinstance(asked, Selector):
        yield asked
    elif is_dataclass(asked) and not isinstance(asked, type):
        for one in fields(asked):
            yield from selectors_in(getattr(asked, one.name))
    elif isinstance(asked, (tuple, list)):
        for one in asked:
            yield from selectors_in(one)
    elif isinstance(asked, Mapping):
        yield from selectors_in(tuple(asked.values()))


def ask_store(kind: EventKind, asked: Any, beside: Beside) -> Found:
    """By loops where they can say it, else by SQL; not at all while nothing has touched what was found before."""
    sqls = compiled(kind, asked, beside)

    def ask() -> dict[str, pa.Table]:
        watch = current_watch() or Watch()
        rows = _by_loops(asked, beside)
        left = {name: sql for name, sql in sqls.items() if name not in rows}
        watch.expect(len(left))
        for name, sql in left.items():
            rows[name] = _executed(sql, beside.tables)
            watch.step()
        return rows

    others = tuple((name, digest(table)) for name, table in sorted(beside.tables.items()))
    rows, was_kept = rows_of_events((kind.name, asked, beside.trait, others), until=asked.scope.last, ask=ask)
    return Found(rows=rows, sql=told(sqls), kept=was_kept)


def told(sqls: Mapping[str, Any]) -> str:
    """The statements of a question as one text."""
    return ";\n\n".join(str(sql) if len(sqls) == 1 else f"-- {name}\n{sql}" for name, sql in sqls.items())


def _by_loops(asked: Any, beside: Beside) -> dict[str, pa.Table]:
    """What loops over events say; their compiler is only loaded when the first question comes."""
    from bihuan.understand.engine.fast.answers import fast_answer
    from bihuan.understand.engine.fast.ground import Ground
    from bihuan.understand.engine.fast.scan import Scan, plan_scan

    store, reach = get_store(), beside.reach

    def scan(wanted: Scan) -> pa.Table:
        def build() -> ir.Table:
            return plan_scan(wanted, events=store.table(), internal_source=INTERNAL_SOURCE,
                             reach=_reach_tables(reach), traits=beside.traits())  # fmt: skip

        sql = store.sql(("scan", wanted, beside.trait, *sorted(reach)), build)
        return _executed(sql, beside.tables)

    only_accounts = set(reach) <= {"account_id"}
    ground = Ground(
        tracks=store.tracks if only_accounts else lambda _order, _prop: None, scan=scan, zone=settings.TIME_ZONE,
        accounts=reach["account_id"]["account_id"].to_numpy() if reach and only_accounts else None,
        traits=beside.tables.get(_TRAITS),
    )  # fmt: skip
    return fast_answer(asked, ground=ground)


def _reach_tables(reach: Iterable[str]) -> dict[str, ir.Table]:
    return {column: ibis.table({column: "int64"}, name=f"reach_{column}") for column in reach}


def _executed(sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The rows, with those of the tables beside the events that the SQL speaks of."""
    used = {name: rows for name, rows in tables.items() if f'"{name}"' in sql}
    try:
        return get_store().execute(sql, tables=used or None)
    except CannotCompute as error:
        raise QuestionError("where", f"it cannot be computed: {error}") from None


def compiled(kind: EventKind, asked: Any, beside: Beside) -> dict[str, Any]:
    """The SQL of each plan of a question, planned only when one of them is not kept yet."""
    store = get_store()
    planned: dict[str, ir.Table] = {}

    def plans() -> dict[str, ir.Table]:
        if not planned:
            planned.update(beside.plans(kind, asked))
        return planned

    key = (kind.name, asked, tuple(sorted(beside.reach)), beside.trait)
    names = _names.get(key)
    if names is None:
        if len(_names) > _MOST_NAMES:
            _names.clear()
        names = _names[key] = tuple(plans())
    return {name: store.sql((*key, name), lambda name=name: plans()[name]) for name in names}  # type: ignore[misc]


_names: dict[Any, tuple[str, ...]] = {}
_MOST_NAMES = 5_000


def names_of(by: str | None, values: list[str | None]) -> dict[str | None, str]:
    """What to call each series: names of accounts, people, products and sources instead of their ids."""
    names: dict[str | None, str] = {value: NONE if value is None else str(value) for value in values}
    named: dict[str | None, Any] = {"account": Account, "person": Person, "product": Product}
    if by in named:
        rows = named[by].objects.in_bulk([int(value) for value in values if value is not None])
        names |= {str(pk): str(row) for pk, row in rows.items()}
    if by == "source":
        names |= {str(pk): name for pk, name in source_names().items() if str(pk) in names}
    return names
