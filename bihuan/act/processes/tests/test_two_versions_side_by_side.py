"""The page of what changed, and the same over REST."""

from html import unescape

import pytest
from cast import NOW, SYSTEM
from drawings import END, START, chain, drawn, user

from bihuan.act.processes import actions
from bihuan.act.processes.models import Process

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(cast) -> Process:
    first = drawn("visit", START, user("a", limit="2d"), user("b"), END, chain("start", "a", "b", "end"))
    second = drawn("visit", START, user("a", limit="1d", role="manager"), END, chain("start", "a", "end"))
    process = actions.create_process(key="visit", kind="process", name="Visit", xml=first, by=SYSTEM, at=NOW)
    actions.publish_draft(process=process, by=SYSTEM, at=NOW)
    actions.save_draft(process=process, xml=second, by=SYSTEM, at=NOW)
    actions.publish_draft(process=process, note="Faster", by=SYSTEM, at=NOW)
    return process


def test_it_works(cast, visit) -> None:
    client = cast.client("song")
    assert (
        f"/processes/{visit.pk}/versions/2/changes/" in client.get(f"/processes/{visit.pk}/").content.decode()
    )
    page = unescape(client.get(f"/processes/{visit.pk}/versions/2/changes/").content.decode())
    assert "Faster" in page and "Time limit" in page and "Manager" in page
    assert '"kind": "changed", "text": "Changed"' in page and "Removed" in page
    back = client.get(f"/processes/{visit.pk}/versions/1/changes/?since=2").content.decode()
    assert "From version 2 to version 1" in back and "New" in back
    assert client.get(f"/processes/{visit.pk}/versions/2/changes/?since=9").status_code == 404
    first = client.get(f"/processes/{visit.pk}/versions/1/changes/").content.decode()
    assert "This is the first version" in first


def test_the_same_over_rest(cast, visit) -> None:
    found = (
        cast.rest("song")
        .get("/api/v1/processes/visit/versions/2/changes?since=1", headers={"Accept-Language": "en"})
        .json()
    )
    assert found["notes"] == [{"number": 2, "note": "Faster"}]
    step = found["changes"][0]
    assert (step["how"], step["sort"], step["name"]) == ("changed", "step", "A")
    assert {"what": "Time limit", "before": "2d", "after": "1d"} in step["details"]
    assert {one["how"] for one in found["changes"]} == {"added", "removed", "changed"}
    rest = cast.rest("song")
    assert rest.get("/api/v1/processes/visit/versions/1/changes").json()["since"] is None
    assert rest.get("/api/v1/processes/visit/versions/1/changes?since=7").status_code == 404
