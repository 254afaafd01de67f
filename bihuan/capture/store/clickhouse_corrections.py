"""Corrections as ClickHouse's mutations; each may be carried out twice and changes nothing then."""

from collections.abc import Sequence

#: Ids that stand more than once, of those that came after `after`.
REPEATS = """
    SELECT source_id, event_id FROM events
    WHERE (source_id, event_id) IN (SELECT source_id, event_id FROM events WHERE seq > {after:UInt64})
    GROUP BY source_id, event_id HAVING count() > 1 ORDER BY source_id, event_id
"""
#: Where their later rows stand.
REPEATED = """
    SELECT seq, place FROM (
        SELECT seq, place, row_number() OVER (
            PARTITION BY source_id, event_id ORDER BY received_at, ts, name, distinct_id, props, seq, place
        ) AS nth
        FROM events WHERE (source_id, event_id) IN (
            SELECT tupleElement(one, 1), tupleElement(one, 2)
            FROM (SELECT arrayJoin(arrayZip({sources:Array(Int32)}, {ids:Array(String)})) AS one)
        )
    ) WHERE nth > 1
"""


def splitting(rows: str, *, person_id: int, ids: Sequence[tuple[int, str]]) -> str:
    """Events under these (product, distinct id) become the person's."""
    pairs = ", ".join(f"({int(product)}, {quoted(one)})" for product, one in ids)
    return (
        f"ALTER TABLE {rows} UPDATE person_id = {int(person_id)} "
        f"WHERE product_id IS NOT NULL AND (assumeNotNull(product_id), distinct_id) IN ({pairs})"
    )


def placing(rows: str, *, person_id: int, spells: Sequence[tuple[int | None, int | None]]) -> str:
    """The person's events that name no account go to accounts by time: (from microsecond, account) in order."""
    account = "NULL"
    for start, there in spells:
        if start is not None:
            where = "NULL" if there is None else str(int(there))
            account = f"if(toUnixTimestamp64Micro(ts) >= {int(start)}, {where}, {account})"
    return (
        f"ALTER TABLE {rows} UPDATE account_id = CAST({account} AS Nullable(Int64)) "
        f"WHERE person_id = {int(person_id)} AND company IS NULL"
    )


def naming(rows: str, *, product_id: int, company: str, account_id: int) -> str:
    """Events of the product that name this key and have no account go to the account."""
    return (
        f"ALTER TABLE {rows} UPDATE account_id = {int(account_id)} "
        f"WHERE account_id IS NULL AND product_id = {int(product_id)} AND company = {quoted(company)}"
    )


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
