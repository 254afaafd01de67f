"""Each night events are sealed, dropped when they need not be kept, laid out, and checked; doctor says what is damaged."""

from datetime import timedelta

import pyarrow as pa
import pytest
from click.testing import CliRunner

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs import Run, enqueue
from bihuan.base.jobs.registry import kind_of
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.sources.actions import add_source, keep_events_for
from bihuan.capture.sources.models import Source
from bihuan.capture.sources.queries import days_to_keep
from bihuan.capture.store import EVENTS, SealedDamaged, close_store, get_store
from bihuan.config.cli import main
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def web(cast, event_home):
    """A source with an event a day for a hundred days, the last of them today; another with three old ones."""
    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", product=product, by=SYSTEM, at=NOW)
    for age in reversed(range(100)):  # a group of the log each, and one wait for all of them
        row = happened("look", ts=NOW - age * DAY, account=cast.yunshan, source_id=source.pk)
        get_store().append(pa.Table.from_pylist([row], schema=EVENTS))
    store_events(*[happened("old", ts=NOW - 95 * DAY, source_id=source.pk + 1) for _ in range(3)])
    return source


def night(at=NOW):
    """The result of the job at the test's time."""
    row = enqueue("events.care", by=SYSTEM, at=at)
    kind_of("events.care").function(Run(row=row, at=at))
    return row.result


def test_what_is_old_is_sealed_and_everything_answers_as_before(web):
    store = get_store()
    before = store.checksum()
    assert night() == {"sealed": 69, "forgotten": 0, "rejected_cleared": 0, "ids_stored_twice": 0}
    assert store.checksum() == before
    assert store.status().sealed_rows == 69
    store.rebuild()
    assert store.checksum() == before


def test_a_source_is_kept_as_long_as_was_said(web):
    keep_events_for(source=web, days=90, by=SYSTEM, at=NOW)
    assert days_to_keep() == {web.pk: 90}
    assert night()["forgotten"] == 9
    counts = (
        get_store().execute("SELECT name, count(*) AS n FROM events GROUP BY name ORDER BY name").to_pylist()
    )
    assert counts == [{"name": "look", "n": 91}, {"name": "old", "n": 3}]
    assert night()["forgotten"] == 0


def test_a_clock_that_runs_ahead_forgets_nothing_that_is_to_be_kept(web, monkeypatch):
    """Not on the first night, nor when events arrived by that clock before the night's work began."""
    monkeypatch.setenv("BIHUAN_SEAL_DAYS", "0")
    keep_events_for(source=web, days=90, by=SYSTEM, at=NOW)
    ahead = NOW + 400 * DAY
    assert night(ahead)["forgotten"] == 10, "a day's more than at the right time"
    store_events(happened("look", ts=ahead - timedelta(hours=1), source_id=web.pk))
    assert night(ahead)["forgotten"] == 0
    assert get_store().count() == 94


def test_rejected_events_are_cleared_by_age(cast, web, settings):
    """As long as the source's events are kept, else for ninety days; and on the page it says so."""
    keep_events_for(source=web, days=10, by=SYSTEM, at=NOW)
    app, _key = add_source(code="app", product=web.product, by=SYSTEM, at=NOW)
    for source in (web, app):
        for age in (1, 9, 11, 89, 91):
            RejectedEvent.objects.create(source=source, at=NOW - age * DAY, step="x", code="x", reason="x",
                                         position=age)  # fmt: skip
    kept = RejectedEvent.objects.order_by("source__code", "position").values_list("source__code", "position")
    settings.REJECTED_DAYS = 0
    assert "Kept for ever, or" in cast.client("oli").get("/events/rejected/").content.decode()
    assert night()["rejected_cleared"] == 3
    assert list(kept.all()) == [*(("app", age) for age in (1, 9, 11, 89, 91)), ("web", 1), ("web", 9)]
    settings.REJECTED_DAYS = 90
    assert "Kept for 90 days, or" in cast.client("oli").get("/events/rejected/").content.decode()
    assert night()["rejected_cleared"] == 1
    assert list(kept.all()) == [*(("app", age) for age in (1, 9, 11, 89)), ("web", 1), ("web", 9)]
    assert night(NOW + 400 * DAY)["rejected_cleared"] == 0, "nor does a clock that runs ahead clear more"


def test_with_nothing_received_nothing_is_forgotten(cast, event_home):
    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", product=product, by=SYSTEM, at=NOW)
    keep_events_for(source=source, days=1, by=SYSTEM, at=NOW)
    store_events(happened("look", ts=NOW - 9 * DAY, received_at=NOW, source_id=source.pk))
    assert night()["forgotten"] == 0, "what came just now proves nothing about the clock"
    assert night(NOW + DAY)["forgotten"] == 1


def test_sealing_may_be_turned_off(web, monkeypatch):
    monkeypatch.setenv("BIHUAN_SEAL_DAYS", "0")
    assert night()["sealed"] == 0


def test_an_operator_says_how_long_and_it_is_told(cast, web):
    client = cast.client("oli")
    assert client.post(f"/sources/{web.pk}/rename/", {"name": "web", "keep_days": "400"}).status_code == 302
    assert Source.objects.get(pk=web.pk).keep_days == 400
    assert "400 days" in client.get(f"/sources/{web.pk}/").content.decode()
    fact = OutboxFact.objects.filter(name="source_keeping_changed").get()
    assert (fact.payload["before"], fact.payload["after"]) == (0, 400)
    client.post(f"/sources/{web.pk}/rename/", {"name": "Web"})
    assert Source.objects.get(pk=web.pk).keep_days == 400, "left out, it stays"
    wrong = client.post(f"/sources/{web.pk}/rename/", {"name": "Web", "keep_days": "40000"})
    assert wrong.status_code in (200, 422)
    assert Source.objects.get(pk=web.pk).keep_days == 400
    assert cast.rest("an").get("/api/v1/sources").json()[-1]["keep_days"] in (0, 400)


def test_a_damaged_file_fails_the_job_and_is_named_by_doctor(web, event_home, monkeypatch):
    night()
    file = sorted((event_home / "events" / "sealed").rglob("*.parquet"))[3]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(SealedDamaged, match=file.name):
        night()
    close_store()
    monkeypatch.setenv("BIHUAN_HOME", str(event_home))
    said = CliRunner().invoke(main, ["doctor"])
    assert said.exit_code == 1
    assert f"{file.name} is damaged or missing" in said.stdout
    assert "Restore it from a backup" in said.stdout
