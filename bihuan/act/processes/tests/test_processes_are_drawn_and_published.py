"""A process is drawn as a draft, told what cannot run in it, published, changed, imported and put away."""

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from django.utils.translation import override
from drawings import END, START, chain, drawn, flow, user

from bihuan.act.processes import actions
from bihuan.act.processes.models import Process, Version
from bihuan.act.processes.queries import problems_of
from bihuan.act.processes.said import span_said

pytestmark = pytest.mark.django_db
GOOD = drawn("visit", START, user("prepare"), END, chain("start", "prepare", "end"))


@pytest.fixture
def visit(cast) -> Process:
    return actions.create_process(key="visit", kind="process", name="Visit", xml=GOOD, by=SYSTEM, at=NOW)


def test_it_works(cast, visit) -> None:
    client = cast.client("oli")
    page = client.get(f"/processes/{visit.pk}/")
    assert page.status_code == 200
    assert "Prepare" in page.content.decode()
    assert client.get("/processes/").status_code == 200
    assert client.get(f"/processes/{visit.pk}/studio/").status_code == 200
    seen = visit.versions.get().edited_at.isoformat()
    kept = client.post(
        f"/processes/{visit.pk}/draft/", {"xml": GOOD.replace('"Prepare"', '"Plan"'), "seen": seen}
    )
    assert kept.status_code == 200, kept.content
    assert [one["level"] for one in kept.json()["problems"]] == ["warning"]
    manager = cast.client("mei")
    assert manager.post(f"/processes/{visit.pk}/publish/", {"note": "first"}).status_code in (200, 302, 204)
    assert Version.objects.get(process=visit).state == "published"
    assert b"Plan" in client.get(f"/processes/{visit.pk}/versions/1/file/").content


def test_a_draft_that_cannot_run_is_not_published(cast, visit) -> None:
    wrong = drawn("visit", START, user("prepare", role="wizard"), chain("start", "prepare"),
                  '<scriptTask id="run" name="Run"/>')  # fmt: skip
    actions.save_draft(process=visit, xml=wrong, by=SYSTEM, at=NOW)
    codes = {one.code for one in problems_of(kind="process", key="visit", xml=wrong)}
    assert {"script", "unknown_role", "no_end", "dead_end"} <= codes
    with pytest.raises(ValidationError, match="keep it from running"):
        actions.publish_draft(process=visit, by=SYSTEM, at=NOW)


def test_a_draft_that_somebody_else_kept_meanwhile_is_not_overwritten(cast, visit) -> None:
    client = cast.client("oli")
    answer = client.post(f"/processes/{visit.pk}/draft/", {"xml": GOOD, "seen": "2020-01-01T00:00:00+00:00"})
    assert answer.status_code == 409


def test_a_new_version_retires_the_one_before(cast, visit) -> None:
    actions.publish_draft(process=visit, by=SYSTEM, at=NOW)
    actions.save_draft(process=visit, xml=GOOD, by=SYSTEM, at=NOW, note="again")
    actions.publish_draft(process=visit, by=SYSTEM, at=NOW)
    assert list(visit.versions.values_list("number", "state")) == [(2, "published"), (1, "retired")]


def test_who_may_not_draw_is_refused(cast, visit) -> None:
    assert cast.client("song").get(f"/processes/{visit.pk}/studio/").status_code == 403
    assert cast.client("pan").get("/processes/").status_code == 403


def test_ways_are_written_as_an_outline() -> None:
    from bihuan.act.bpmn import read_diagram
    from bihuan.act.bpmn.outline import outline

    xml = drawn("p", START, user("a"), '<exclusiveGateway id="g" default="g_c"/>', user("b"), user("c"), user("d"), END,
                chain("start", "a", "g"), flow("g", "b", "ok"), flow("g", "c"), chain("b", "d"), chain("c", "d", "end"))  # fmt: skip
    lines = [(line.kind, line.depth, line.number) for line in outline(read_diagram(xml))]
    assert lines == [
        ("step", 0, 1), ("way", 0, 0), ("step", 1, 2), ("way", 0, 0), ("step", 1, 3), ("step", 0, 4), ("end", 0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("sort", ["kind", "-area"])
def test_the_library_says_what_kind_each_is_and_of_which_department(cast, visit, sort: str) -> None:
    page = cast.client("oli").get(f"/processes/?sort={sort}").content.decode()
    row = page.split("<tbody", 1)[1]
    assert ">Process<" in row
    assert ">Other<" in row


def test_time_limits_are_said_in_words() -> None:
    assert span_said("1d 4h") == "1 working day 4 h"
    assert span_said("3d", wall=True) == "3 days"
    assert span_said("30m") == "30 min"
    assert span_said("PT4H") == "PT4H"
    with override("zh-hans"):
        assert span_said("1.5d") == "1.5 个工作日"
