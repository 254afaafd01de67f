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


def test_rejected_events_are_found_by_what_was_sent(cast) -> None:
    """By any word of it, in any writing that JSON knows; a wildcard of the database is a letter like any other."""
    product = add_product(code="demo", name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", name="Web", product=product, by=SYSTEM, at=NOW)
    bodies = {
        "plain": '{"company": "云杉仪器", "rate": "100%"}',
        "escaped": '{"company": "\\u4e91\\u6749\\u4eea\\u5668", "rate": "1000"}',
        "upper": '{"company": "\\u4E91\\u6749", "path": "a_b"}',
        "quoted": r'{"said": "no \"way\"", "path": "axb", "file": "C:\\new"}',
    }
    for name, body in bodies.items():
        RejectedEvent.objects.create(
            source=source,
            at=NOW,
            step="plan",
            code="x",
            reason="x",
            position=0,
            name=f"event-{name}",
            body=body,
        )
    client = cast.client("mei")

    def found(words: str) -> set[str]:
        page = client.get("/events/rejected/", {"q": words}).content.decode()
        return {name for name in bodies if f"event-{name}" in page}

    assert found("云杉") == {"plain", "escaped", "upper"}
    assert found("云杉仪器 100%") == {"plain"}
    assert found("COMPANY") == {"plain", "escaped", "upper"}
    assert found("100%") == {"plain"}
    assert found("a_b") == {"upper"}
    assert found('"way"') == {"quoted"}
    assert found(r"c:\new") == found(r"C:\\new") == {"quoted"}
    assert found("%") == {"plain"}
    assert found("event-quoted way") == {"quoted"}
    assert found("nowhere") == set()
