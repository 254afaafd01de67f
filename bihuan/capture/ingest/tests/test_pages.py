"""Rejected events in the browser."""

from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.sources.actions import add_source
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM


def test_rejected_events_are_listed_with_their_reason_and_content(cast) -> None:
    product = add_product(code="demo", name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", name="Web", product=product, by=SYSTEM, at=NOW)
    row = RejectedEvent.objects.create(
        source=source, at=NOW, step="name", code="no_event_name", reason="The event has no name.", position=3,
        distinct_id="u1", body='{"<b>": 1}',
    )  # fmt: skip
    client = cast.client("mei")
    assert "The event has no name." in client.get("/events/rejected/").content.decode()
    page = client.get(f"/events/rejected/{row.pk}/").content.decode()
    assert "&lt;b&gt;" in page
    assert cast.client("song").get("/events/rejected/").status_code == 403
