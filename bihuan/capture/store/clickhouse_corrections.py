"""Corrections as ClickHouse's mutations; each may be carried out twice and changes nothing then."""

from collections.abc import Sequence


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
