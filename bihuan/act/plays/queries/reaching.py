"""What the event store tells plays: when accounts did what a goal names, and which product an account uses."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from bihuan.capture.store import get_store

#: Beyond so many accounts all of them are asked at once.
MOST_NAMED = 2_000


def days_of_events(
    *, events: Sequence[str], since: datetime, until: datetime, accounts: Collection[int]
) -> dict[int, list[tuple[datetime, datetime]]]:
    """By account the (first, last) moment of each day between `since` and `until` on which one of the events happened, in
    order. Two moments of a day are enough: a window is days long, so that each of its ends shares its day with one
    end of such a pair."""
    store = get_store()
    table = store.table()
    rows = table.filter(
        table["name"].isin(list(events)), table.ts >= since, table.ts <= until, table.account_id.notnull()
    )
    if len(accounts) <= MOST_NAMED:
        rows = rows.filter(rows.account_id.isin(sorted(accounts)))
    by_day = rows.group_by(["account_id", rows.ts.date().name("on")]).agg(
        first=rows.ts.min(), last=rows.ts.max()
    )
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in store.execute(by_day).to_pylist():
        if row["account_id"] in accounts:
            found.setdefault(row["account_id"], []).append((_aware(row["first"]), _aware(row["last"])))
    return {account: sorted(days) for account, days in found.items()}


def products_used(*, account_id: int, since: datetime, until: datetime) -> list[int]:
    """The products that an account used between two moments, the one with most events first."""
    store = get_store()
    table = store.table()
    rows = table.filter(
        table.account_id == account_id, table.ts >= since, table.ts <= until, table.product_id.notnull()
    )
    counted = store.execute(rows.group_by("product_id").agg(events=rows.count())).to_pylist()
    return [row["product_id"] for row in sorted(counted, key=lambda row: (-row["events"], row["product_id"]))]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
