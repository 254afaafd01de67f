"""The three statements that every group with somebody new needs, in plain SQL: building them anew costs more than asking."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection

from bihuan.capture.identity.models import Identity
from bihuan.know.accounts.models import Person

_CHUNK = 500
_IDENTITY, _PERSON = Identity._meta.db_table, Person._meta.db_table


def known_ids(*, product_id: int, ids: Iterable[str]) -> Iterator[tuple[str, int, bool]]:
    """Those of the ids that are somebody's: id, person, whether anonymous."""
    for chunk in chunks(ids):
        for distinct_id, person_id, anonymous in _ask(
            f"SELECT i.distinct_id, i.person_id, p.anonymous FROM {_IDENTITY} i JOIN {_PERSON} p ON p.id = i.person_id "
            f"WHERE i.product_id = %s AND i.distinct_id IN ({_places(chunk)})",
            [product_id, *chunk],
        ):
            yield distinct_id, person_id, bool(anonymous)


def people_by_key(keys: Iterable[str]) -> Iterator[tuple[str, int, bool]]:
    """Those of the keys that are people's: key, person, whether anonymous."""
    for chunk in chunks(keys):
        for key, person_id, anonymous in _ask(
            f"SELECT key, id, anonymous FROM {_PERSON} WHERE key IN ({_places(chunk)})", chunk
        ):
            yield key, person_id, bool(anonymous)


def link_ids(*, product_id: int, people: Mapping[str, int], at: datetime) -> set[str]:
    """Give each id to its person; returns the ids that somebody else had taken before, which stay theirs."""
    when = connection.ops.adapt_datetimefield_value(at)
    taken = set(people)
    for chunk in chunks(people):
        rows = _ask(
            f"INSERT INTO {_IDENTITY} (product_id, distinct_id, person_id, created_at) "
            f"VALUES {', '.join(['(%s, %s, %s, %s)'] * len(chunk))} ON CONFLICT DO NOTHING RETURNING distinct_id",
            [value for one in chunk for value in (product_id, one, people[one], when)],
        )
        taken -= {distinct_id for (distinct_id,) in rows}
    return taken


def _ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _places(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


T = TypeVar("T", int, str)


def chunks(items: Iterable[T]) -> Iterable[list[T]]:
    """The items in order, a few hundred at a time, as one query takes them."""
    everything = sorted(items)
    return [everything[start : start + _CHUNK] for start in range(0, len(everything), _CHUNK)]
