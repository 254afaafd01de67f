"""What the site's tests share: cards, scored accounts, product events."""

from datetime import timedelta

import pyarrow as pa
import pytest
from django.utils import timezone

from bihuan.capture.store import EVENTS, get_store
from bihuan.site.cards import refresh_cards
from bihuan.site.models import AccountCard


@pytest.fixture
def cards(cast, contracts, event_home):
    """Cards of the cast: Yunshan endangered, Songtao unknown."""
    refresh_cards(at=timezone.now())
    AccountCard.objects.filter(account=cast.yunshan).update(
        health=34, band="red", health_delta=-12, need=316_800, reasons=[["floor", "champion silent"]]
    )
    return cast


@pytest.fixture
def use(cast, event_home):
    """Product events of the last days: Lin of Yunshan works a lot, He of Songtao a little."""

    def add(account, person, *, name, days_ago, count=1):
        now = timezone.now()
        moments = [now - timedelta(days=days_ago, seconds=n) for n in range(count)]
        rows = [
            {
                "event_id": f"{account.pk}-{name}-{days_ago}-{n}", "source_id": 1, "name": name, "ts": at,
                "received_at": now, "distinct_id": f"d{person.pk}", "person_id": person.pk,
                "account_id": account.pk,
                "product_id": None, "props": "{}",
            }
            for n, at in enumerate(moments)
        ]  # fmt: skip
        return get_store().append(pa.Table.from_pylist(rows, schema=EVENTS))

    add(cast.yunshan, cast.lin, name="report_opened", days_ago=0, count=3)
    add(cast.yunshan, cast.lin, name="signed_in", days_ago=3)
    last = add(cast.songtao, cast.he, name="signed_in", days_ago=20)
    get_store().wait_applied(last.seq)
    return cast
